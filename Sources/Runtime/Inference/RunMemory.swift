import COnnxRuntime
import Synchronization

/// What the tensors of a session's runs took.
///
/// Counted is what ONNX Runtime asks for during a run: what operators give to each other and what they need besides.
/// Weights are apart, and so are the tensors that enter and leave, which lie where the transport has them.
public struct ActivationMemory: Sendable, Equatable {
    /// The most that was in use at once in the run that was recorded, in bytes; nil before that.
    public var recordedPeakBytes: Int?
    /// The same of the last run.
    public var lastPeakBytes: Int?
    /// What the layout of the record takes of the arena, in bytes.
    public var arenaBytes: Int?
    /// Runs that had all of their memory from the arena.
    public var arenaRuns = 0
    /// Runs that had some or all from the heap: those that were recorded, that differed from the record, or that found
    /// the arena taken.
    public var heapRuns = 0

    public init() {}
}

/// Gives the runs of one session their memory: records one, and lets those that follow it do the same in the arena.
final class RunMemory: Sendable {
    private struct State {
        var record: RunRecord?
        var isRecording = false
        var recordings = 0
        var memory = ActivationMemory()
    }

    /// Where shapes change from run to run, no record fits the next one: after so many the heap serves.
    static let maximumRecordings = 4

    private let arena: ActivationArena
    private let state = Mutex(State())

    init(arena: ActivationArena) { self.arena = arena }

    deinit {
        if let record = state.withLock(\.record) { arena.remove(byteCount: record.arenaBytes) }
    }

    var memory: ActivationMemory { state.withLock(\.memory) }

    /// Calls the body, whose blocks on this thread come from the arena where it is free and the record fits.
    func run<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        let (record, records) = state.withLock { state -> (RunRecord?, Bool) in
            let records = state.record == nil && !state.isRecording && state.recordings < Self.maximumRecordings
            if records { (state.isRecording, state.recordings) = (true, state.recordings + 1) }
            return (state.record, records)
        }
        if records {
            try self.record(body)
        } else {
            try replay(record, body)
        }
    }

    private func record<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        let blocks = UnsafeMutablePointer<LamellaBlock>.allocate(capacity: RunRecord.maximumBlocks)
        defer { blocks.deallocate() }
        var run = LamellaRunMemory()
        run.blocks = blocks
        run.block_limit = RunRecord.maximumBlocks
        run.is_recording = true
        let failure = Self.perform(&run, body)
        var made: RunRecord?
        if failure == nil, run.block_count > 0, run.block_count <= RunRecord.maximumBlocks {
            made = RunRecord(
                UnsafeBufferPointer(start: blocks, count: Int(run.block_count)), peakBytes: Int(run.peak_bytes),
                eventCount: Int(run.event_count))
        }
        if let made { arena.add(byteCount: made.arenaBytes) }
        state.withLock { state in
            state.isRecording = false
            state.record = made
            // An operator that only fills what it was given asks for nothing: there is nothing to record again.
            if failure == nil, run.block_count == 0 { state.recordings = Self.maximumRecordings }
            // A run that failed says nothing of those to come.
            if failure != nil { state.recordings -= 1 }
            state.memory.recordedPeakBytes = failure == nil ? Int(run.peak_bytes) : nil
            state.memory.arenaBytes = made?.arenaBytes
            Self.count(run, in: &state.memory, inArena: false)
        }
        if let failure { throw failure }
    }

    private func replay<Failure: Error>(
        _ record: RunRecord?, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let place = record.flatMap { arena.take(byteCount: $0.arenaBytes) }
        var run = LamellaRunMemory()
        if let record, let place {
            run.blocks = record.blocks
            run.block_limit = record.blockCount
            run.arena = place
        }
        let failure = withExtendedLifetime(record) { Self.perform(&run, body) }
        if place != nil { arena.giveBack() }
        let isForgotten = state.withLock { state in
            Self.count(run, in: &state.memory, inArena: place != nil && run.heap_blocks == 0)
            // The next run makes a record of its own: what was recorded is not what is asked for now.
            guard failure == nil, run.is_different, let record, state.record === record else { return false }
            state.record = nil
            state.memory.arenaBytes = nil
            return true
        }
        if isForgotten, let record { arena.remove(byteCount: record.arenaBytes) }
        if let failure { throw failure }
    }

    private static func perform<Failure: Error>(
        _ run: inout LamellaRunMemory, _ body: () throws(Failure) -> Void
    ) -> Failure? {
        withUnsafeMutablePointer(to: &run) { pointer in
            lamella_run_memory_begin(pointer)
            defer { lamella_run_memory_end() }
            do throws(Failure) {
                try body()
                return nil
            } catch {
                return error
            }
        }
    }

    private static func count(_ run: LamellaRunMemory, in memory: inout ActivationMemory, inArena: Bool) {
        memory.lastPeakBytes = Int(run.peak_bytes)
        if inArena { memory.arenaRuns += 1 } else { memory.heapRuns += 1 }
    }
}
