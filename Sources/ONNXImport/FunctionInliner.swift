import ModelGraph
import ONNXFormat

/// Writes out calls of model-local functions as the nodes of their bodies, so that a graph can be cut anywhere.
struct FunctionInliner {
    struct Failure: Error {
        let problem: ImportError.Problem
    }

    private struct Key: Hashable {
        let domain: String
        let name: String
        let overload: String
    }

    private let functions: [Key: ONNXFunctionProto]
    private var nodes: [ONNXNodeProto] = []
    private var calls = 0

    static func inline(_ nodes: [ONNXNodeProto], _ functions: [ONNXFunctionProto], opset: Int) throws
        -> [ONNXNodeProto]
    {
        guard !functions.isEmpty else { return nodes }
        var byKey: [Key: ONNXFunctionProto] = [:]
        for function in functions {
            let key = Key(domain: function.domain, name: function.name, overload: function.overload)
            guard byKey.updateValue(function, forKey: key) == nil else {
                throw Failure(problem: .unsupportedContent("function '\(function.name)' twice"))
            }
            for imported in function.opsetImport where isStandard(imported.domain) && imported.version != opset {
                throw Failure(
                    problem: .unsupportedContent(
                        "function '\(function.name)' of opset \(imported.version) in a model of opset \(opset)"))
            }
        }
        var inliner = FunctionInliner(functions: byKey)
        for node in nodes { try inliner.add(node, depth: 0) }
        return inliner.nodes
    }

    private init(functions: [Key: ONNXFunctionProto]) { self.functions = functions }

    static func isStandard(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }

    private mutating func add(_ node: ONNXNodeProto, depth: Int) throws {
        let key = Key(domain: node.domain, name: node.opType, overload: node.overload)
        guard let function = functions[key] else {
            guard nodes.count < ImportLimits.maximumNodes else {
                throw Failure(
                    problem: .limitExceeded(
                        what: "the number of nodes with functions written out", value: "beyond counting",
                        limit: String(ImportLimits.maximumNodes)))
            }
            return nodes.append(node)
        }
        // Calls count too: functions without nodes must not multiply for ever.
        calls += 1
        guard depth < ImportLimits.maximumFunctionDepth, calls <= ImportLimits.maximumNodes else {
            throw Failure(
                problem: .limitExceeded(
                    what: "the nesting of functions at '\(node.opType)'", value: "deeper",
                    limit: String(ImportLimits.maximumFunctionDepth)))
        }
        guard node.input.count <= function.input.count, node.output.count <= function.output.count else {
            throw Failure(
                problem: .graph(
                    .invalidOperator(
                        node: node.name, type: node.opType,
                        reason: "it has more inputs or outputs than the function that it calls")))
        }
        var names = try bind(node, to: function)
        let attributes = Dictionary(node.attribute.map { ($0.name, $0) }) { first, _ in first }
        let defaults = Dictionary(function.attributeProto.map { ($0.name, $0) }) { first, _ in first }
        let prefix = "\(node.name.isEmpty ? node.opType : node.name)/\(calls)/"
        func renamed(_ name: String) -> String {
            guard !name.isEmpty else { return "" }
            if let known = names[name] { return known }
            names[name] = prefix + name
            return prefix + name
        }
        for inner in function.node {
            var copy = inner
            copy.name = prefix + (inner.name.isEmpty ? inner.opType : inner.name)
            copy.input = inner.input.map(renamed)
            copy.output = inner.output.map(renamed)
            copy.attribute = inner.attribute.compactMap { attribute in
                guard attribute.hasRefAttrName, !attribute.refAttrName.isEmpty else { return attribute }
                var value = attributes[attribute.refAttrName] ?? defaults[attribute.refAttrName]
                value?.name = attribute.name
                return value
            }
            guard copy.name.utf8.count <= ImportLimits.maximumNameBytes else {
                throw Failure(
                    problem: .limitExceeded(
                        what: "the length of a node's name", value: "\(copy.name.utf8.count) bytes",
                        limit: "\(ImportLimits.maximumNameBytes) bytes"))
            }
            try add(copy, depth: depth + 1)
        }
    }

    /// Names of the function's inputs and outputs in the caller. An input that is also an output needs a node of its
    /// own to carry it.
    private mutating func bind(_ node: ONNXNodeProto, to function: ONNXFunctionProto) throws -> [String: String] {
        var names: [String: String] = [:]
        for (position, formal) in function.input.enumerated() {
            names[formal] = position < node.input.count ? node.input[position] : ""
        }
        for (formal, actual) in zip(function.output, node.output) where !actual.isEmpty {
            if let passed = names[formal] {
                var identity = ONNXNodeProto()
                identity.opType = "Identity"
                identity.name = "\(node.name)/\(formal)"
                identity.input = [passed]
                identity.output = [actual]
                nodes.append(identity)
            } else {
                names[formal] = actual
            }
        }
        return names
    }
}
