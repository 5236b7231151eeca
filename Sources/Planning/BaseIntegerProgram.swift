import Costs

/// The dissertation's base model (equations 5.1 to 5.6) as an integer program, for any number of devices.
///
/// `x[l,d]` is 1 where layer `l` runs on device `d`, `z[l,d,e]` where the chain steps from `d` to `e` after layer `l`.
/// The link between the two is the flow form: `sum over e of z[l,d,e] = x[l,d]` and
/// `sum over d of z[l,d,e] = x[l+1,e]`. Without memory limits its relaxation is integral, which the published form of
/// the product is not.
///
/// Memory of a device: `sum of weights * x + A[d] + runtime * u[d] <= memory`, where the activation peak `A[d]` is held
/// from below by `A[d] >= peak[l] * x[l,d]` and `u[d] >= x[l,d]` says that the device is used at all.
///
/// Seconds and bytes are scaled by powers of two, so that a solver's absolute tolerances mean the same for every
/// problem.
public struct BaseIntegerProgram: Sendable {
    public let program: LinearProgram
    /// What the objective is to be multiplied with to get seconds.
    public let secondsPerUnit: Double

    private let layerCount: Int
    private let deviceCount: Int

    public init(_ problem: Problem) throws(ProblemError) {
        self.init(try CostTable(problem))
    }

    public init(_ table: CostTable) {
        layerCount = table.layerCount
        deviceCount = table.deviceCount
        let graph = ChainGraph(table)
        let toGo = ShortestPath.costToGo(graph, nodeCost: graph.nodeS)
        let least = toGo[0..<deviceCount].min() ?? 0
        secondsPerUnit = least > 0 && least.isFinite ? Self.powerOfTwo(near: least / 1024) : 1
        let bytesPerUnit = Self.powerOfTwo(near: max(1, Double(table.memoryBytes.min() ?? 1) / 1024))

        var program = LinearProgram()
        for layer in 0..<layerCount {
            for device in 0..<deviceCount {
                let node = layer * deviceCount + device
                program.addColumn(
                    "x[\(layer),\(device)]", cost: graph.nodeS[node] / secondsPerUnit,
                    upper: graph.allowed[node] ? 1 : 0, isInteger: true)
            }
        }
        Self.addFlow(to: &program, graph, secondsPerUnit: secondsPerUnit)
        Self.addMemory(to: &program, graph, table, bytesPerUnit: bytesPerUnit)
        self.program = program
    }

    /// The path that a solution's `x` columns name.
    public func path(of solution: LinearProgram.Solution) -> [Int] {
        (0..<layerCount).map { layer in
            let values = solution.values[(layer * deviceCount)..<((layer + 1) * deviceCount)]
            var best = 0
            for device in 0..<deviceCount
            where values[values.startIndex + device] > values[values.startIndex + best] {
                best = device
            }
            return best
        }
    }

    /// The program without the paths that put all of these layers on the device, which they do not fit.
    ///
    /// For a solver whose tolerance let them through.
    public func forbidding(_ layers: [Int], on device: Int) -> BaseIntegerProgram {
        var program = program
        program.addRow(
            "cover[\(device)]", upper: Double(layers.count - 1),
            layers.map { (column: $0 * deviceCount + device, coefficient: 1) })
        return BaseIntegerProgram(program, of: self)
    }

    private init(_ program: LinearProgram, of base: BaseIntegerProgram) {
        self.program = program
        secondsPerUnit = base.secondsPerUnit
        layerCount = base.layerCount
        deviceCount = base.deviceCount
    }

    private static func addFlow(to program: inout LinearProgram, _ graph: ChainGraph, secondsPerUnit: Double) {
        let count = graph.deviceCount
        for layer in 0..<graph.layerCount {
            program.addRow(
                "one[\(layer)]", lower: 1, upper: 1, (0..<count).map { (column: layer * count + $0, coefficient: 1) })
        }
        for layer in 0..<(graph.layerCount - 1) {
            let first = program.columns.count
            for device in 0..<count {
                for next in 0..<count {
                    let seconds = graph.edgeS[(layer * count + device) * count + next]
                    program.addColumn(
                        "z[\(layer),\(device),\(next)]", cost: seconds.isFinite ? seconds / secondsPerUnit : 0,
                        upper: seconds.isFinite ? 1 : 0)
                }
            }
            for device in 0..<count {
                program.addRow(
                    "leave[\(layer),\(device)]", lower: 0, upper: 0,
                    (0..<count).map { (column: first + device * count + $0, coefficient: 1) }
                        + [(column: layer * count + device, coefficient: -1)])
                program.addRow(
                    "enter[\(layer + 1),\(device)]", lower: 0, upper: 0,
                    (0..<count).map { (column: first + $0 * count + device, coefficient: 1) }
                        + [(column: (layer + 1) * count + device, coefficient: -1)])
            }
        }
    }

    private static func addMemory(
        to program: inout LinearProgram, _ graph: ChainGraph, _ table: CostTable, bytesPerUnit: Double
    ) {
        let count = graph.deviceCount
        for device in 0..<count {
            let peak = program.addColumn("A[\(device)]", upper: .infinity)
            var terms = (0..<graph.layerCount).map { layer in
                (column: layer * count + device, coefficient: Double(graph.weightBytes[layer]) / bytesPerUnit)
            }
            terms.append((column: peak, coefficient: 1))
            for layer in 0..<graph.layerCount where graph.workingPeakBytes[layer] > 0 {
                program.addRow(
                    "peak[\(layer),\(device)]", lower: 0,
                    [
                        (column: peak, coefficient: 1),
                        (
                            column: layer * count + device,
                            coefficient: -Double(graph.workingPeakBytes[layer]) / bytesPerUnit
                        ),
                    ])
            }
            if table.runtimeBytes[device] > 0 {
                let used = program.addColumn("u[\(device)]")
                for layer in 0..<graph.layerCount {
                    program.addRow(
                        "used[\(layer),\(device)]", lower: 0,
                        [(column: used, coefficient: 1), (column: layer * count + device, coefficient: -1)])
                }
                terms.append((column: used, coefficient: Double(table.runtimeBytes[device]) / bytesPerUnit))
            }
            program.addRow("memory[\(device)]", upper: Double(table.memoryBytes[device]) / bytesPerUnit, terms)
        }
    }

    /// The power of two at or below a positive number: division by it is exact.
    private static func powerOfTwo(near value: Double) -> Double {
        Double(sign: .plus, exponent: value.exponent, significand: 1)
    }
}
