import Planning
import Sharing

/// A lower bound of latency that knows what must move and what must be held: a linear program of which every plan that
/// fits is a solution.
///
/// x(v,d) is the part of operator v's elements that device d computes, r(u,d) the part of tensor u that it receives,
/// and k(v,u) the part of u that v needs of it in proportion (`ElementNeeds`). With F and S in FLOP and FLOP/s:
///
///     least T with
///     k(v,u) x(v,d) <= x(u,d) + r(u,d)            nothing comes from nothing; the source has the graph's inputs
///     sum over d of x(v,d) >= 1                   everything is computed
///     x(o,e) + r(o,e) >= 1                        the destination e has the results o
///     sum over v of F(v) x(v,d) <= S(d) (T - latency to and from d)
///     sum over u of bytes(u) r(u,d) <= B(to d) (T - latency)
///     sum over w of bytes(w) h(w,d) <= memory(d) - results or inputs that it holds
///     k(v,w) x(v,d) <= h(w,d)                     weights
///
/// A Concat has of each input what it has of itself on average. X(v), the part that anyone but the source computes, and
/// R(u), the part that leaves the source, keep the same rows, with X(v) >= 1 - x(v,source), and R is held against all
/// links that leave the source.
///
/// Time is cut where devices must meet (`MeetingBound`): t(1) + t(2) + ... <= T. Of operators of phase k every element
/// is computed in it by some device, and nothing of them before. x'(v,d) <= x(v,d) and r'(u,d) <= r(u,d) are what is
/// there in time, and keep the rows of one phase among themselves; the sum over d of x' is 1 or more, and with t(k) in
/// place of T they keep those of computing and moving, where a tensor that is needed in the next phase may move in
/// both. Within a phase no device waits for another.
///
/// Devices that are alike compute alike: the mean of solutions is one.
struct TransferBound {
    /// Of more operators the program takes seconds.
    static let operatorsMost = 700

    private struct Kind {
        /// The devices that are alike, the first of them named.
        let devices: [Int]
        var first: Int { devices[0] }
        var size: Double { Double(devices.count) }
    }

    private let shared: SharedGraph
    private let cluster: SharingCluster
    private let leastFLOP: [Double]
    /// A bound that is known; rows are in its units.
    private let knownS: Double
    private let kinds: [Kind]
    private let needs: [[String: Double]]
    private(set) var program = LinearProgram()
    private let time: Int
    /// The phase of each operator (nil: it is not known to be done at any time), and how long each takes.
    private let phaseOf: [Int?]
    private let spans: [Int]

    /// - Parameters:
    ///   - leastFLOP: what all parts of each operator cost together at least.
    ///   - phases: `MeetingBound.phases`.
    ///   - knownS: another bound, above 0.
    init(
        _ shared: SharedGraph, _ cluster: SharingCluster, leastFLOP: [Double], phases: [[Int]], knownS: Double
    ) {
        self.shared = shared
        self.cluster = cluster
        self.leastFLOP = leastFLOP
        self.knownS = knownS
        kinds = Self.kinds(cluster)
        let needs = ElementNeeds(shared)
        self.needs = shared.graph.operators.indices.map(needs.parts)
        var program = LinearProgram()
        let time = program.addColumn("latency", cost: 1, lower: 1, upper: .infinity)
        spans = phases.map { _ in program.addColumn("phase", upper: .infinity) }
        program.addRow("phases", upper: 0, spans.map { ($0, 1) } + [(time, -1)])
        self.program = program
        self.time = time
        var phaseOf = [Int?](repeating: nil, count: shared.graph.operators.count)
        for (phase, positions) in phases.enumerated() { for position in positions { phaseOf[position] = phase } }
        self.phaseOf = phaseOf
        build()
    }

    private static func kinds(_ cluster: SharingCluster) -> [Kind] {
        let all = cluster.devices.indices
        func links(_ table: [[Double]]) -> Set<Double> {
            Set(all.flatMap { from in all.filter { $0 != from }.map { table[from][$0] } })
        }
        let isUniform = links(cluster.bandwidthBytesPerS).count < 2 && links(cluster.latencyS).count < 2
        var kinds: [[Int]] = []
        for device in all {
            let place = kinds.firstIndex { kind in
                let (one, other) = (cluster.devices[kind[0]], cluster.devices[device])
                return isUniform && one.flops == other.flops && one.memoryBytes == other.memoryBytes
                    && ![cluster.source, cluster.destination].contains { $0 == kind[0] || $0 == device }
            }
            if let place { kinds[place].append(device) } else { kinds.append([device]) }
        }
        return kinds.map { Kind(devices: $0) }
    }

    /// Columns of what a device computes, by operator: at any time, and in time.
    private struct Computed {
        var ever: [Int] = []
        var inTime: [Int] = []
    }

    private mutating func build() {
        var computed: [Computed] = []
        for kind in kinds {
            let columns = flow(on: kind.first, over: cluster.devices.indices.map { ($0, kind.first) })
            computed.append(columns)
            addComputing(kind, columns)
            addMemory(kind, columns.ever)
        }
        for position in shared.graph.operators.indices {
            program.addRow("all", lower: 1, zip(kinds, computed).map { ($1.inTime[position], $0.size) })
        }
        guard cluster.deviceCount > 1, let own = kinds.firstIndex(where: { $0.first == cluster.source }) else { return }
        let others = flow(on: nil, over: cluster.devices.indices.map { (cluster.source, $0) })
        for position in shared.graph.operators.indices {
            program.addRow("others", lower: 1, [(others.inTime[position], 1), (computed[own].inTime[position], 1)])
        }
    }

    /// Columns of what is computed, by operator, and the rows of what moves.
    ///
    /// - Parameters:
    ///   - device: who computes (nil: anyone but the source).
    ///   - pairs: the links over which everything comes that is not computed there.
    private mutating func flow(on device: Int?, over pairs: [(from: Int, to: Int)]) -> Computed {
        let links = pairs.filter { $0.from != $0.to }
        let rate = links.reduce(0) { $0 + cluster.bandwidthBytesPerS[$1.from][$1.to] }
        // Bytes that the links could have moved in the time before the first arrives.
        let unmoved = links.reduce(0) {
            $0 + cluster.bandwidthBytesPerS[$1.from][$1.to] * waitS(cluster.latencyS[$1.from][$1.to])
        }
        let isSource = device == cluster.source
        let ever = shared.graph.operators.indices.map { _ in program.addColumn("computed") }
        let inTime = shared.graph.operators.indices.map { position -> Int in
            guard phaseOf[position] != nil else { return ever[position] }
            let column = program.addColumn("computed in time")
            program.addRow("in time", upper: 0, [(column, 1), (ever[position], -1)])
            return column
        }
        var received: [Arrival: Int] = [:]
        typealias Terms = [(column: Int, coefficient: Double)]
        func column(_ arrival: Arrival) -> Int {
            if let known = received[arrival] { return known }
            let column = program.addColumn("received")
            received[arrival] = column
            return column
        }
        /// What is had of a tensor at the end of a phase (nil: at any time).
        func had(_ name: String, by phase: Int?, times factor: Double) -> Terms? {
            let producer = shared.graph.tensors[name]?.producer
            if producer == nil, isSource { return nil }
            let made = producer.map { phaseOf[$0] } ?? 0
            // The graph's inputs are there from the start, as if a phase before the first had made them.
            let isNear = phase.flatMap { end in made.map { (0...1) ~= end - $0 } } ?? false
            let until = isNear ? phase : nil
            let own = producer.map { [(phase != nil && phase == made ? inTime[$0] : ever[$0], factor)] } ?? []
            return links.isEmpty ? own : own + [(column(Arrival(tensor: name, phase: until)), factor)]
        }
        for (position, step) in shared.graph.operators.enumerated() {
            let kinds: [(column: Int, phase: Int?)] =
                [(ever[position], nil)] + (phaseOf[position].map { [(inTime[position], $0)] } ?? [])
            for (own, phase) in kinds {
                if step.type == "Concat" {
                    let elements = shared.shape(of: position).reduce(1, *)
                    let counts = step.activations.map { shared.shape(ofTensor: $0).reduce(1, *) }
                    guard elements > 0, counts.reduce(0, +) == elements else { continue }
                    var sum: Terms = [(own, -1)]
                    var constant = 0.0
                    for (input, count) in zip(step.activations, counts) {
                        let part = Double(count) / Double(elements)
                        if let terms = had(input, by: phase, times: part) { sum += terms } else { constant += part }
                    }
                    program.addRow("joined", lower: -constant, sum)
                    continue
                }
                for (input, part) in needs[position].sorted(by: { $0.key < $1.key })
                where shared.graph.tensors[input] != nil {
                    guard let terms = had(input, by: phase, times: -1) else { continue }
                    program.addRow("needed", upper: 0, [(own, part)] + terms)
                }
            }
        }
        if device == cluster.destination {
            for output in shared.graph.outputs {
                if let terms = had(output, by: nil, times: 1) { program.addRow("result", lower: 1, terms) }
            }
        }
        addMoving(received, rate: rate, unmoved: unmoved)
        return Computed(ever: ever, inTime: inTime)
    }

    /// Elements of a tensor that have come by the end of a phase (nil: at any time).
    private struct Arrival: Hashable {
        let tensor: String
        let phase: Int?
    }

    private mutating func addMoving(_ received: [Arrival: Int], rate: Double, unmoved: Double) {
        var moved: [(column: Int, coefficient: Double)] = []
        /// By the phases in which they may move.
        var within: [ClosedRange<Int>: [(column: Int, coefficient: Double)]] = [:]
        let names = Set(received.keys.map(\.tensor))
        for name in names.sorted() {
            let bytes = Double(shared.graph.tensors[name]?.byteCount ?? 0) / rate / knownS
            let phases = received.keys.filter { $0.tensor == name }.compactMap(\.phase).sorted()
            // Whatever came in time has come.
            var last = received[Arrival(tensor: name, phase: nil)]
            if last == nil, !phases.isEmpty { last = program.addColumn("received") }
            if let last { moved.append((last, bytes)) }
            let made = shared.graph.tensors[name]?.producer.flatMap { phaseOf[$0] } ?? 0
            for phase in phases.reversed() {
                guard let column = received[Arrival(tensor: name, phase: phase)], let next = last else { continue }
                program.addRow("later", lower: 0, [(next, 1), (column, -1)])
                within[made...max(made, phase), default: []].append((column, bytes))
                last = column
            }
        }
        if !moved.isEmpty { program.addRow("moved", upper: -unmoved / rate / knownS, moved + [(time, -1)]) }
        for (phases, terms) in within.sorted(by: {
            ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
        }) {
            program.addRow("moved in time", upper: 0, terms + phases.map { (spans[$0], -1) })
        }
    }

    private mutating func addComputing(_ kind: Kind, _ computed: Computed) {
        let device = kind.first
        let others = cluster.devices.indices.filter { $0 != device }
        let toS = device == cluster.source ? 0 : others.map { cluster.latencyS[$0][device] }.min() ?? 0
        let fromS = device == cluster.destination ? 0 : others.map { cluster.latencyS[device][$0] }.min() ?? 0
        func terms(_ columns: [Int], _ phase: Int?) -> [(column: Int, coefficient: Double)] {
            columns.enumerated().filter { phase == nil || phaseOf[$0.offset] == phase }.map {
                (column: $1, coefficient: cluster.computeS(leastFLOP[$0], on: device) / knownS)
            }
        }
        program.addRow("computing", upper: -waitS(toS + fromS) / knownS, terms(computed.ever, nil) + [(time, -1)])
        for (phase, span) in spans.enumerated() {
            program.addRow("computing in time", upper: 0, terms(computed.inTime, phase) + [(span, -1)])
        }
    }

    /// A wait that every plan has which the program is about: one as long as the bound that is known may not be waited
    /// for at all, and no linear row says that.
    private func waitS(_ latencyS: Double) -> Double { latencyS < knownS ? latencyS : 0 }

    private mutating func addMemory(_ kind: Kind, _ computed: [Int]) {
        guard let memory = cluster.devices[kind.first].memoryBytes else { return }
        let held = max(
            kind.first == cluster.source ? shared.graph.activationBytes(of: shared.graph.inputs) : 0,
            kind.first == cluster.destination ? shared.graph.activationBytes(of: shared.graph.outputs) : 0)
        var columns: [String: Int] = [:]
        var terms: [(column: Int, coefficient: Double)] = []
        let unit = Double(max(1, memory))
        for position in shared.graph.operators.indices {
            for (name, part) in needs[position].sorted(by: { $0.key < $1.key })
            where shared.graph.tensors[name] == nil {
                guard let bytes = shared.graph.tensorType(named: name).map({ $0.byteCount }) else { continue }
                let column = columns[name] ?? program.addColumn("held")
                if columns[name] == nil { terms.append((column, Double(bytes) / unit)) }
                columns[name] = column
                program.addRow("weight", upper: 0, [(computed[position], part), (column, -1)])
            }
        }
        program.addRow("memory", upper: 1 - Double(held) / unit, terms)
    }
}
