/// Sets frequencies, reads them back, and puts back what was there before.
///
/// It keeps nothing in memory: the journal on disk is all that it knows, so that any process of the same user can
/// finish what another one began. Calls block; one at a time for a state folder.
public struct FrequencyControl: Sendable {
    public enum Mode: String, Codable, Sendable, CaseIterable {
        case control
        /// Nothing is ever written.
        case handsOff = "hands_off"
    }

    public let root: SystemRoot
    public let mode: Mode
    private let file: FrequencyJournalFile

    /// - Parameter stateDirectory: where the journal is kept; not below the root.
    public init(root: SystemRoot = SystemRoot(), stateDirectory: String, mode: Mode = .control) {
        self.root = root
        self.mode = mode
        file = FrequencyJournalFile(stateDirectory: stateDirectory, root: root)
    }

    /// What the domain's files say now.
    public func state(of domain: FrequencyDomain) -> FrequencyState { domain.folder.state(root) }

    /// Sets a frequency and reads it back. Where the kernel refuses a part of it, all of it is taken back.
    public func apply(_ frequencyHz: Double, to domain: FrequencyDomain) -> FrequencyOutcome {
        guard mode == .control else { return .handsOff }
        do throws(BoardFault) {
            let plan = try FrequencyWrites.plan(frequencyHz, domain: domain, state: state(of: domain))
            try record(plan)
            try write(plan)
            let outcome = FrequencyWrites.verdict(plan, domain: domain, after: state(of: domain))
            if case .refused = outcome { takeBack(plan.writes.map(\.path), plan) }
            return outcome
        } catch {
            return .refused(error)
        }
    }

    /// Puts back everything that this or an earlier process changed since the kernel started. May be repeated.
    public func restore() -> FrequencyRestoration {
        let journal: FrequencyJournal
        do throws(BoardFault) {
            guard let found = try file.load() else {
                // A torn temporary file may be all that is there.
                try? file.remove()
                return FrequencyRestoration(.nothingToDo)
            }
            journal = found
        } catch {
            return FrequencyRestoration(.incomplete, faults: [error])
        }
        guard journal.boot == file.boot else { return removed(FrequencyRestoration(.discarded)) }
        var result = FrequencyRestoration(.restored)
        var left: [FrequencyWrite] = []
        for folder in Self.folders(journal.originals) {
            let originals = journal.originals.filter { FrequencyFolder.of($0.path)?.folder == folder }
            left += putBack(originals, folder, &result)
        }
        guard left.isEmpty else {
            result.outcome = .incomplete
            do throws(BoardFault) {
                try file.save(FrequencyJournal(boot: journal.boot, originals: left))
            } catch {
                result.faults.append(error)
            }
            return result
        }
        return removed(result)
    }

    private func removed(_ result: FrequencyRestoration) -> FrequencyRestoration {
        var result = result
        do throws(BoardFault) {
            try file.remove()
        } catch {
            result.outcome = .incomplete
            result.faults.append(error)
        }
        return result
    }

    /// What could not be put back, in the journal's order.
    private func putBack(
        _ originals: [FrequencyWrite], _ folder: FrequencyFolder, _ result: inout FrequencyRestoration
    ) -> [FrequencyWrite] {
        var left = originals
        var faults: [BoardFault] = []
        // The order is right for what the files say; where they cannot be read a second pass finds it.
        while !left.isEmpty {
            let count = left.count
            faults = []
            for write in FrequencyWrites.restoration(left, of: folder, state: folder.state(root)) {
                do throws(SystemErrno) {
                    try root.files.writeAttribute(write.value, to: root.resolved(write.path))
                    left.removeAll { $0 == write }
                    result.writes.append(write)
                } catch {
                    faults.append(
                        BoardFault(writing: write.path, write.value, error)
                            .meaning("it could not be put back to what it was"))
                }
            }
            if left.count == count { break }
        }
        result.faults += faults
        return left
    }

    /// Before anything is written: what was there, durably.
    private func record(_ plan: FrequencyPlan) throws(BoardFault) {
        guard !plan.writes.isEmpty else { return }
        let boot = file.boot
        var journal = FrequencyJournal(boot: boot)
        if let found = try file.load(), found.boot == boot { journal = found }
        guard journal.add(plan.originals) else { return }
        try file.save(journal)
    }

    private func write(_ plan: FrequencyPlan) throws(BoardFault) {
        var done: [String] = []
        for write in plan.writes {
            do throws(SystemErrno) {
                try root.files.writeAttribute(write.value, to: root.resolved(write.path))
                done.append(write.path)
            } catch {
                takeBack(done, plan)
                throw BoardFault(writing: write.path, write.value, error).meaning("the frequency stays as it was")
            }
        }
    }

    /// Backwards: each step on the way was valid, so each is on the way back.
    private func takeBack(_ paths: [String], _ plan: FrequencyPlan) {
        for path in paths.reversed() {
            guard let original = plan.originals.first(where: { $0.path == path }) else { continue }
            // What fails here stays in the journal and is tried again when everything is put back.
            try? root.files.writeAttribute(original.value, to: root.resolved(original.path))
        }
    }

    private static func folders(_ writes: [FrequencyWrite]) -> [FrequencyFolder] {
        var folders: [FrequencyFolder] = []
        for write in writes {
            guard let folder = FrequencyFolder.of(write.path)?.folder, !folders.contains(folder) else { continue }
            folders.append(folder)
        }
        return folders
    }
}
