/// Orders nodes so that every tensor is produced before it is used.
enum TopologicalOrder {
    /// Positions of the nodes that `outputs` depend on. The order given is kept where it already is topological.
    ///
    /// Throws `GraphError` for a name produced twice, a tensor that nothing produces, and a cycle.
    static func needed(_ description: GraphDescription) throws -> [Int] {
        let nodes = description.nodes
        var producer: [String: Int] = [:]
        for value in description.inputs + description.initializers {
            guard producer.updateValue(-1, forKey: value.name) == nil else {
                throw GraphError.duplicateName(value.name)
            }
        }
        for (position, node) in nodes.enumerated() {
            for output in node.outputs where !output.isEmpty {
                guard producer.updateValue(position, forKey: output) == nil else {
                    throw GraphError.duplicateName(output)
                }
            }
        }

        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: nodes.count)
        func start(_ tensor: String, for user: String) throws -> Int {
            guard let position = producer[tensor] else { throw GraphError.missingTensor(node: user, tensor: tensor) }
            return position
        }

        // Depth first with an own stack: a long chain must not exhaust the thread's.
        var order: [Int] = []
        for output in description.outputs {
            let root = try start(output, for: "the list of outputs")
            guard root >= 0, marks[root] == .new else { continue }
            var stack = [(node: root, nextInput: 0)]
            marks[root] = .open
            while let top = stack.last {
                let node = nodes[top.node]
                guard top.nextInput < node.inputs.count else {
                    marks[top.node] = .done
                    order.append(top.node)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].nextInput += 1
                let tensor = node.inputs[top.nextInput]
                guard !tensor.isEmpty else { continue }
                let position = try start(tensor, for: node.name)
                guard position >= 0 else { continue }
                switch marks[position] {
                case .done: continue
                case .open: throw GraphError.cycle(node: nodes[position].name)
                case .new:
                    marks[position] = .open
                    stack.append((position, 0))
                }
            }
        }
        let sorted = order.sorted()
        return isTopological(sorted, nodes, producer) ? sorted : order
    }

    private static func isTopological(_ order: [Int], _ nodes: [NodeDescription], _ producer: [String: Int]) -> Bool {
        order.allSatisfy { position in
            nodes[position].inputs.allSatisfy { $0.isEmpty || (producer[$0] ?? -1) < position }
        }
    }
}
