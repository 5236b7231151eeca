/// All operators that are understood, by type, of the default operator set.
enum OperatorRules {
    private static let all: [String: OperatorRule] = {
        var rules: [String: OperatorRule] = [:]
        for group in [
            ConvolutionRules.all, PoolingRules.all, MatrixRules.all, ElementwiseRules.all, NormalizationRules.all,
            ReductionRules.all, ReshapingRules.all, MovementRules.all, GeneratingRules.all,
        ] {
            rules.merge(group) { first, _ in first }
        }
        return rules
    }()

    static let controlFlow: Set<String> = ["If", "Loop", "Scan", "SequenceMap"]
    static let opsets = 11...25

    static func rule(for node: NodeDescription) throws -> OperatorRule {
        let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
        if isStandard, controlFlow.contains(node.type) || node.attributes.values.contains(.graph) {
            throw GraphError.controlFlow(node: node.name, type: node.type)
        }
        guard isStandard, let rule = all[node.type] else {
            throw GraphError.unsupportedOperator(
                node: node.name, type: node.type, domain: isStandard ? "" : node.domain)
        }
        return rule
    }
}

extension ModelGraph {
    /// Types of operators that can be read, sorted.
    public static var supportedOperators: [String] { OperatorRules.supported }
    /// Versions of the default operator set that can be read.
    public static var supportedOpsets: ClosedRange<Int> { OperatorRules.opsets }
}

extension OperatorRules {
    static var supported: [String] { all.keys.sorted() }
}
