import Costs
import Estimator
import ModelGraph
import ONNXImport
import Sharing
import TestKit
import Testing

/// Which parts of a model's operators are measured for an estimator.
@Suite struct OperatorShareTests {
    private static func shared(_ name: String) throws -> SharedGraph {
        SharedGraph(try ImportedModel.load(path: Repository.path("Tests/Fixtures/models/\(name).onnx")).graph)
    }

    @Test(arguments: ["mobilenet", "vgg11", "vit_b_16"])
    func `each row once, of parts that can be computed, whole operators among them`(_ name: String) throws {
        let shared = try Self.shared(name)
        let shares = OperatorShare.all(of: shared)
        #expect(shares.count > 20 && Set(shares.map(\.row)).count == shares.count)
        for share in shares {
            #expect(try shared.needs(share.position, share.region).flop > 0)
            #expect(share.row.count == TraceKind.compute.features.count)
        }
        let whole = shares.filter { $0.region == .whole(shared.shape(of: $0.position)) }
        #expect(!whole.isEmpty && whole.count < shares.count)
        // For fewer boards there is less to know.
        let few = OperatorShare.all(of: shared, devicesMost: 2)
        #expect(few.count < shares.count && Set(few.map(\.row)).isSubset(of: Set(shares.map(\.row))))
    }

    @Test func `depthwise and dense convolutions are told apart, and models without either have no rows`() throws {
        let types = Set(OperatorShare.all(of: try Self.shared("mobilenet")).map { $0.row[0] })
        #expect(types == Set(ConvolutionType.allCases.map { Double($0.rawValue) }))
        #expect(Set(OperatorShare.all(of: try Self.shared("vgg11")).map { $0.row[0] }) == [1])
    }
}
