import ModelGraph
import ONNXFormat

/// Folds `Pad` operators into the convolutions behind them, which pad with zeros themselves (as Xenos does before it
/// plans). Boards that share such a convolution exchange rows of what is not padded then, and nothing waits for a copy.
///
/// Only where the result is provably the same: rows and columns of zeros, none taken away, read by nobody but
/// convolutions with explicit padding. Batch normalizations and activations stay in the graph: planners take them as
/// one layer with the convolution before them (`LayerStarts`), and ONNX Runtime computes them together.
extension PlainModel {
    mutating func foldPadding() {
        var readers: [String: [Int]] = [:]
        for (position, node) in nodes.enumerated() {
            for name in Set(node.input) where !name.isEmpty { readers[name, default: []].append(position) }
        }
        var folded: Set<Int> = []
        var convolutions = 0
        for (position, node) in nodes.enumerated() where Self.isPlain(node, "Pad") {
            guard let name = node.output.first, !outputs.contains(name), let widths = zeroPadding(of: node),
                let positions = readers[name], !positions.isEmpty,
                positions.allSatisfy({ Self.canPad(nodes[$0], with: name, axes: widths.count / 2) })
            else { continue }
            for reader in positions {
                nodes[reader].input[0] = node.input[0]
                Self.pad(&nodes[reader], by: widths)
                readers[node.input[0], default: []].append(reader)
            }
            convolutions += positions.count
            folded.insert(position)
        }
        guard !folded.isEmpty else { return }
        nodes = nodes.enumerated().filter { !folded.contains($0.offset) }.map(\.element)
        notes.append(
            "\(folded.count) Pad operator\(folded.count == 1 ? "" : "s") folded into \(convolutions) "
                + "convolution\(convolutions == 1 ? "" : "s")")
    }

    private static func isPlain(_ node: ONNXNodeProto, _ type: String) -> Bool {
        node.opType == type && FunctionInliner.isStandard(node.domain)
    }

    /// How much a node pads by zeros: starts of the axes behind batch and channels, then their ends. Nil where it does
    /// anything else.
    private func zeroPadding(of node: ONNXNodeProto) -> [Int64]? {
        let mode = node.attribute.first { $0.name == "mode" }
        guard mode.map({ $0.s.elementsEqual("constant".utf8) }) ?? true,
            (2...3).contains(node.input.count), case .integers(let all)? = value(of: node.input[1])?.elements,
            all.count.isMultiple(of: 2), all.count > 4, all.allSatisfy({ $0 >= 0 })
        else { return nil }
        if node.input.count == 3, !node.input[2].isEmpty {
            guard let filling = value(of: node.input[2]), Self.isZero(filling.elements) else { return nil }
        }
        let rank = all.count / 2
        guard all[0] == 0, all[1] == 0, all[rank] == 0, all[rank + 1] == 0 else { return nil }
        return Array(all[2..<rank] + all[(rank + 2)...])
    }

    private static func isZero(_ elements: ConstantValue.Elements) -> Bool {
        switch elements {
        case .integers(let values): values.allSatisfy { $0 == 0 }
        case .numbers(let values): values.allSatisfy { $0 == 0 }
        }
    }

    /// Of an initializer that is small enough to stand in the file.
    private func value(of name: String) -> ConstantValue? {
        guard let initializer = initializers.first(where: { $0.name == name }),
            initializer.type.byteCount <= GraphLimits.inlineBytes, case .region(let region) = initializer.data
        else { return nil }
        return try? region.withBytes { try TensorBytes.value($0, type: initializer.type) }
    }

    /// Does a node read a tensor as a convolution of so many axes, which it pads by numbers of its own?
    private static func canPad(_ node: ONNXNodeProto, with tensor: String, axes: Int) -> Bool {
        guard isPlain(node, "Conv"), node.input.first == tensor, !node.input.dropFirst().contains(tensor) else {
            return false
        }
        let automatic = node.attribute.first { $0.name == "auto_pad" }
        let pads = node.attribute.first { $0.name == "pads" }
        return automatic.map { $0.s.isEmpty || $0.s.elementsEqual("NOTSET".utf8) } ?? true
            && pads.map { $0.ints.count == 2 * axes } ?? true
    }

    private static func pad(_ node: inout ONNXNodeProto, by widths: [Int64]) {
        if let index = node.attribute.firstIndex(where: { $0.name == "pads" }) {
            node.attribute[index].ints = zip(node.attribute[index].ints, widths).map { $0 &+ $1 }
        } else {
            var pads = ONNXAttributeProto()
            pads.name = "pads"
            pads.type = 7
            pads.ints = widths
            node.attribute.append(pads)
        }
    }
}
