extension ModelGraph {
    /// What ONNX Runtime holds of a convolution's weights while it rearranges them, for each byte of theirs. Measured
    /// with version 1.31.1 on x86-64, blocks going back to the kernel as they are freed; a processor for which it
    /// leaves weights as they are needs less.
    public static let copiesWhileLoading = 2

    /// Bytes beside the weights that a runner takes for a range of operators at its worst, to load it or to run it.
    ///
    /// While it loads, the weights of convolutions are rearranged one after another, and what was held on the way is
    /// freed before the next; all others stay pages of their files. While it runs, what enters and what leaves stand
    /// once more, where the transport has them.
    ///
    /// - Parameters:
    ///   - entering: the activations that enter the range.
    ///   - leaving: the activations that leave it.
    public func runnerPeakBytes(of range: Range<Int>, entering: [String], leaving: [String]) -> Int {
        let largest = operators[range].filter { $0.type == "Conv" }.flatMap(\.weights)
            .compactMap { initializer(named: $0)?.byteCount }.max()
        let carried = activationBytes(of: entering + leaving)
        return max((largest ?? 0) * Self.copiesWhileLoading, activationPeakBytes(of: range) + carried)
    }
}
