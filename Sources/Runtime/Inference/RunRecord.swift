import COnnxRuntime
import ModelGraph

/// The memory that one run asked for, and where each piece of it lies in runs to come.
final class RunRecord: @unchecked Sendable {
    // Written in init, read only afterwards.
    let blocks: UnsafeMutablePointer<LamellaBlock>
    let blockCount: Int
    /// The most that was in use at once, in bytes.
    let peakBytes: Int
    /// What the arena takes, with a header in front of each piece.
    let arenaBytes: Int

    /// More pieces than this are not laid out; networks of a thousand operators ask for a few hundred.
    static let maximumBlocks = 4096

    /// - Parameter recorded: as many pieces as the run asked for, at most `maximumBlocks`.
    init(_ recorded: UnsafeBufferPointer<LamellaBlock>, peakBytes: Int, eventCount: Int) {
        let header = Int(LAMELLA_BLOCK_HEADER_BYTES)
        let layout = ArenaLayout(
            lives: recorded.map { block in
                // What outlives the run, above all outputs without a place of their own, stays until the end.
                let end = block.freed_at == UInt64.max ? eventCount : Int(block.freed_at)
                let start = Int(block.allocated_at)
                return (Int(block.byte_count) + header, start...max(start, end - 1))
            })
        blocks = .allocate(capacity: max(recorded.count, 1))
        for (index, block) in recorded.enumerated() {
            var placed = block
            placed.offset = layout.buffers[index].offset
            (blocks + index).initialize(to: placed)
        }
        blockCount = recorded.count
        self.peakBytes = peakBytes
        arenaBytes = layout.byteCount
    }

    deinit { blocks.deallocate() }
}
