import ModelGraph

/// A window that slides along one axis.
struct WindowAxis: Sendable {
    let stride: Int
    /// Elements from the window's first to its last, both counted.
    let span: Int
    /// Padding before the first element and after the last.
    let before: Int
    let after: Int
    let inputExtent: Int
    let outputExtent: Int

    /// What a range of the result needs.
    struct Part {
        var input: Range<Int>
        /// What is computed; more than was asked for only where windows lie in the padding alone.
        var computed: Range<Int>
        var before: Int
        var after: Int
        /// True where the last window ends beyond the padding (`ceil_mode`).
        var roundsUp: Bool
    }

    /// Output `o` sees the elements from `o * stride - before` on (docs/onnx-format.md; ONNX, "Conv").
    func part(_ asked: Range<Int>) -> Part {
        let computed = withElements(asked)
        let start = computed.lowerBound * stride - before
        let end = (computed.upperBound - 1) * stride - before + span
        let first = max(0, start)
        let last = min(inputExtent, end)
        // Where no window of all sees an element, the result is that of the padding, and the input is taken whole.
        let input = first < last ? first..<last : 0..<inputExtent
        let lastEnd = min(end, inputExtent + after)
        return Part(
            input: input, computed: computed, before: input.lowerBound - start,
            after: max(0, lastEnd - input.upperBound), roundsUp: end > lastEnd)
    }

    /// The range, extended to the nearest window that sees an element of the input.
    private func withElements(_ asked: Range<Int>) -> Range<Int> {
        let first = max(0, before - span >= 0 ? (before - span) / stride + 1 : 0)
        let last = min(outputExtent - 1, (inputExtent - 1 + before) / stride)
        guard first <= last else { return 0..<outputExtent }
        return min(asked.lowerBound, last)..<max(asked.upperBound, first + 1)
    }

    /// The axes of a convolution or pooling operator, with padding that `auto_pad` asks for resolved.
    static func axes(_ window: Window, input: [Int], output: [Int]) -> [WindowAxis] {
        window.kernel.indices.map { axis in
            let span = (window.kernel[axis] - 1) * window.dilations[axis] + 1
            let total = max(0, (output[axis] - 1) * window.strides[axis] + span - input[axis])
            let (before, after) =
                switch window.padding {
                case .explicit: (window.pads[axis], window.pads[axis + window.kernel.count])
                case .valid: (0, 0)
                case .sameUpper: (total / 2, total - total / 2)
                case .sameLower: (total - total / 2, total / 2)
                }
            return WindowAxis(
                stride: window.strides[axis], span: span, before: before, after: after, inputExtent: input[axis],
                outputExtent: output[axis])
        }
    }
}

/// The parts of all spatial axes as attributes.
extension [WindowAxis.Part] {
    var padding: AttributeValue { .integers((map(\.before) + map(\.after)).map(Int64.init)) }
}
