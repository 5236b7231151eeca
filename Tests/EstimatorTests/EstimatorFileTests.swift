import Costs
import Estimator
import Testing

/// The file around the trees, without XGBoost.
@Suite struct EstimatorFileTests {
    private static func model(_ kind: TraceKind, bytes: [UInt8]) -> EstimatorHeader.Model {
        let features = kind.features.map { _ in 1.0 } + kind.features.map { _ in 100.0 }
        return EstimatorHeader.Model(
            TraceTable(kind: kind, file: "folder/" + kind.usualFileName, features: features, timesS: [1, 2]),
            differentRows: 2, scaleS: 0.5, parameters: TreeParameters(kind, rounds: 3, seed: 1),
            heldOut: EstimateAccuracy(estimates: [1, 2], measurements: [1, 3]), unseen: nil, trainingS: 0.25,
            bytes: bytes)
    }

    private static func made(_ hardware: String = "made up") -> EstimatorFile {
        let trees: [[UInt8]] = [[1, 2, 3, 10, 13], [], [255, 0]]
        let models = zip(TraceKind.allCases, trees).map { model($0, bytes: $1) }
        return EstimatorFile(
            header: EstimatorHeader(
                hardware: hardware, cores: 8,
                fingerprint: EstimatorHeader.fingerprint(hardware: hardware, cores: 8, models: models), seed: 1,
                models: models),
            trees: trees)
    }

    private static func sentence(_ bytes: [UInt8]) -> String {
        do throws(EstimatorError) {
            _ = try EstimatorFile(bytes, file: "some.estimator")
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `what is written is read back, whatever bytes the trees are`() throws {
        let file = Self.made()
        #expect(try EstimatorFile(try file.bytes(), file: "some.estimator") == file)
    }

    @Test func `the fingerprint tells hardware, cores and features apart`() {
        let models = Self.made().header.models
        let fingerprint = EstimatorHeader.fingerprint(hardware: "made up", cores: 8, models: models)
        #expect(fingerprint == Self.made().header.fingerprint)
        #expect(fingerprint != EstimatorHeader.fingerprint(hardware: "other", cores: 8, models: models))
        #expect(fingerprint != EstimatorHeader.fingerprint(hardware: "made up", cores: 4, models: models))
        #expect(fingerprint != EstimatorHeader.fingerprint(hardware: "made up", cores: 8, models: [models[0]]))
    }

    @Test func `the digest is that of the published examples`() {
        #expect(EstimatorHeader.digest([]) == "cbf29ce484222325")
        #expect(EstimatorHeader.digest(Array("foobar".utf8)[...]) == "85944171f73967e8")
    }

    @Test func `damage anywhere is refused with a sentence that names the file`() throws {
        let bytes = try Self.made().bytes()
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1
            let sentence = Self.sentence(damaged)
            // Figures that only a person reads may change unseen; nothing may stop the program.
            if !sentence.isEmpty { #expect(sentence.hasPrefix("some.estimator: ")) }
        }
        for count in bytes.indices { #expect(!Self.sentence(Array(bytes[..<count])).isEmpty) }
        #expect(Self.sentence(bytes + [0]).contains("1 bytes too many"))
        var last = bytes
        last[last.count - 1] ^= 1
        #expect(Self.sentence(last).contains("the relayout trees are damaged"))
    }

    @Test func `another version, other features and a renamed hardware are refused by name`() throws {
        var file = Self.made()
        file.header.format = "lamella-estimator-0"
        #expect(Self.sentence(try file.bytes()).contains("its format is not lamella-estimator-1"))
        file = Self.made()
        file.header.models[1].features[0] = "bandwidth_mbit_per_s"
        #expect(Self.sentence(try file.bytes()).contains("bandwidth_mbit_per_s"))
        file = Self.made()
        file.header.hardware = "mine"
        #expect(Self.sentence(try file.bytes()).contains("its fingerprint does not fit"))
        file = Self.made()
        file.header.models[2] = file.header.models[1]
        #expect(Self.sentence(try file.bytes()).contains("one of them twice"))
    }

    @Test func `an estimator for other hardware is refused, both named`() {
        #expect {
            try Estimator(Self.made("dsp"), file: "dsp.estimator", hardware: "pi5")
        } throws: { error in
            let sentence = "\(error)"
            return sentence.hasPrefix("dsp.estimator was trained for dsp (fingerprint ")
                && sentence.hasSuffix("not for pi5; train one from traces of pi5")
        }
    }

    @Test func `a row beyond the traces is told, since trees do not extrapolate`() {
        let model = Self.model(.transfer, bytes: [])
        #expect(model.outside([1, 100]) == nil)
        #expect(model.outside([1, 101]) == "bytes is 101.0, and the transfer traces have 1.0 to 100.0")
    }
}
