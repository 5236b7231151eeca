extension ModelGraph {
    /// Orders the nodes, infers every shape, computes shape arithmetic and sets the costs.
    ///
    /// Nodes that no output depends on are left out. Throws `GraphError`.
    public init(_ description: GraphDescription) throws {
        guard description.nodes.count <= GraphLimits.maximumOperators else {
            throw GraphError.limitExceeded(
                what: "the number of operators", value: String(description.nodes.count),
                limit: String(GraphLimits.maximumOperators))
        }
        guard OperatorRules.opsets.contains(description.opset) else {
            throw GraphError.unsupportedVersion(domain: "", version: description.opset)
        }
        var builder = GraphBuilder(description)
        nodeOrder = try TopologicalOrder.needed(description)
        for position in nodeOrder { try builder.add(position) }
        for output in description.outputs where builder.tensors[output]?.producer == nil {
            throw GraphError.constantOutput(output)
        }
        var seen = Set<String>()
        if let twice = description.outputs.first(where: { !seen.insert($0).inserted }) {
            throw GraphError.duplicateName(twice)
        }
        guard !builder.operators.isEmpty else { throw GraphError.empty }

        name = description.name
        opset = description.opset
        operators = builder.operators
        tensors = builder.tensors
        inputs = description.inputs.map(\.name)
        outputs = description.outputs
        outputSet = seen
        initializers = builder.initializers
        constants = builder.constants
        constantTypes = builder.constantTypes
        nodes = description.nodes
        initializerPositions = builder.initializerPositions
        initializerValues = Dictionary(
            description.initializers.compactMap { initializer in
                guard initializer.type.elementCount <= GraphLimits.maximumKeptElements else { return nil }
                return initializer.value.map { (initializer.name, $0) }
            }
        ) { first, _ in first }
    }
}

/// The state while a graph is built, one node after the other in topological order.
private struct GraphBuilder {
    let nodes: [NodeDescription]
    let opset: Int
    var operators: [GraphOperator] = []
    var tensors: [String: GraphTensor] = [:]
    var constants: [String: ConstantSource] = [:]
    var constantTypes: [String: TensorType] = [:]
    let initializers: [GraphInitializer]
    let initializerPositions: [String: Int]

    private var facts: [String: TensorFact] = [:]
    private var foldedElements = 0
    private var weightUses = 0
    /// Weights on which a constant computed by a node depends.
    private var weightsBehind: [String: [String]] = [:]
    private var operatorNames = Set<String>()
    private var nameRepeats: [String: Int] = [:]

    init(_ description: GraphDescription) {
        nodes = description.nodes
        opset = description.opset
        initializers = description.initializers.map { GraphInitializer(name: $0.name, type: $0.type) }
        var positions: [String: Int] = [:]
        for (position, value) in description.initializers.enumerated() {
            positions[value.name] = position
            facts[value.name] = TensorFact(type: value.type, value: value.value, isConstant: true)
            constants[value.name] = .initializer
            if initializers[position].isWeight { weightsBehind[value.name] = [value.name] }
        }
        initializerPositions = positions
        for value in description.inputs {
            facts[value.name] = TensorFact(type: value.type, value: nil, isConstant: false)
            tensors[value.name] = GraphTensor(name: value.name, type: value.type, producer: nil, consumers: [])
        }
    }

    mutating func add(_ position: Int) throws {
        let node = nodes[position]
        guard max(node.inputs.count, node.outputs.count) <= GraphLimits.maximumOperatorTensors else {
            throw GraphError.limitExceeded(
                what: "the number of tensors of node '\(node.name)'",
                value: String(max(node.inputs.count, node.outputs.count)),
                limit: String(GraphLimits.maximumOperatorTensors))
        }
        let rule = try OperatorRules.rule(for: node)
        let inputs = try node.inputs.map { name -> TensorFact? in
            guard !name.isEmpty else { return nil }
            guard let fact = facts[name] else { throw GraphError.missingTensor(node: node.name, tensor: name) }
            return fact
        }
        let call = OperatorCall(node: node, opset: opset, inputs: inputs)
        let types = try rule.types(call)
        guard !types.isEmpty, node.outputs.count <= types.count else {
            throw call.fail("it has \(node.outputs.count) results where \(types.count) are known")
        }
        // With static shapes the shape of an activation is a constant too.
        let readsShapeOnly = node.type == "Shape" || node.type == "Size"
        if readsShapeOnly || inputs.allSatisfy({ $0?.isConstant ?? true }) {
            try addConstant(position, call, types)
        } else {
            try addOperator(position, call, rule, types)
        }
    }

    private mutating func addConstant(_ position: Int, _ call: OperatorCall, _ types: [TensorType]) throws {
        let node = nodes[position]
        let size = types.reduce(0) { $0 + min($1.elementCount, GraphLimits.maximumFoldedElements + 1) }
        var values: [ConstantValue]?
        if foldedElements + size <= GraphLimits.maximumFoldedElementsInAll {
            values = try ConstantFolding.fold(call, types: types)
            if values != nil { foldedElements += size }
        }
        let behind = try weights(behind: node.inputs)
        for (index, output) in node.outputs.enumerated() where !output.isEmpty {
            let value = values.flatMap { index < $0.count ? $0[index] : nil }
            if value == nil, node.type == "Shape" || node.type == "Size" {
                throw GraphError.limitExceeded(
                    what: "the number of elements of shape arithmetic", value: String(foldedElements + size),
                    limit: String(GraphLimits.maximumFoldedElementsInAll))
            }
            facts[output] = TensorFact(type: types[index], value: value, isConstant: true)
            constantTypes[output] = types[index]
            if let value, types[index].byteCount <= GraphLimits.inlineBytes {
                constants[output] = .value(value)
            } else {
                constants[output] = .node(position)
                weightsBehind[output] = behind
            }
        }
    }

    private mutating func addOperator(
        _ position: Int, _ call: OperatorCall, _ rule: OperatorRule, _ types: [TensorType]
    ) throws {
        let node = nodes[position]
        let index = operators.count
        var activations: [String] = []
        for name in node.inputs where tensors[name] != nil && !activations.contains(name) {
            activations.append(name)
            tensors[name]?.consumers.append(index)
        }
        for (name, type) in zip(node.outputs, types) where !name.isEmpty {
            facts[name] = TensorFact(type: type, value: nil, isConstant: false)
            tensors[name] = GraphTensor(name: name, type: type, producer: index, consumers: [])
        }
        let weights = try weights(behind: node.inputs)
        operators.append(
            GraphOperator(
                name: unusedName(node), type: node.type, activations: activations,
                outputs: node.outputs.filter { !$0.isEmpty }, weights: weights,
                flop: 2 * (try rule.accumulates(call, types)), worksInPlace: rule.worksInPlace, node: position))
    }

    /// The weights on which tensors depend, each once. Counted, so that long chains of constants stay bounded.
    private mutating func weights(behind inputs: [String]) throws -> [String] {
        weightUses += inputs.reduce(0) { $0 + (weightsBehind[$1]?.count ?? 0) }
        guard weightUses <= GraphLimits.maximumWeightUses else {
            throw GraphError.limitExceeded(
                what: "the number of weights, counted wherever they are needed,", value: String(weightUses),
                limit: String(GraphLimits.maximumWeightUses))
        }
        var seen = Set<String>()
        return inputs.flatMap { weightsBehind[$0] ?? [] }.filter { seen.insert($0).inserted }
    }

    /// Node names may be absent or repeat in a file; operators need them to be told apart.
    private mutating func unusedName(_ node: NodeDescription) -> String {
        let wanted = node.name.isEmpty ? "\(node.type)_\(operators.count)" : node.name
        var name = wanted
        while !operatorNames.insert(name).inserted {
            // Counted on for each name, so that a file in which all names are equal is still read quickly.
            nameRepeats[wanted, default: 1] += 1
            name = "\(wanted)_\(nameRepeats[wanted, default: 1])"
        }
        return name
    }
}
