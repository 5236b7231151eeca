import Board
import Cluster
import NIOPosix

/// What a board does while its disk takes nothing: what runs goes on, and nothing new is promised.
///
/// The state machine is set back to before the input, so that the board is one that did not hear it. Messages of others
/// come again; what came from this board itself waits and is fed when there is room.
extension Agent {
    func putOff(_ input: ClusterInput) async {
        if let dropped = promises.keep(input) { logger.error("\(dropped)") }
    }

    func diskRefuses(_ error: any Error) async {
        guard promises.refused("\(error)", now: MonotonicTime.now) else { return }
        let sentence =
            "\(error). Until then this board makes no promises: it takes no new plan and leads no election; what runs "
            + "goes on"
        ownConditions.set(Self.fullDisk, sentence)
        logger.error("\(sentence)")
        await feed(.storageChanged(fault: "\(error)"))
        await feed(.capabilitiesChanged(capabilities()))
    }

    /// Tries the disk again, and feeds what waited for it.
    func retryDisk() async {
        guard promises.isRetryDue(now: MonotonicTime.now) else { return }
        do {
            // The same as there is, or what a first start has to write: harmless either way.
            try await stateFile.save(member.stored)
        } catch {
            await diskRefuses(error)
            return
        }
        let waiting = promises.recovered()
        ownConditions.clear(Self.fullDisk)
        logger.notice("\(stateFile.path) can be written again; the board takes part again")
        await feed(.storageChanged(fault: nil))
        for input in waiting { await feed(input) }
        await feed(.capabilitiesChanged(capabilities()))
    }

    private static let fullDisk = "disk"

    // MARK: Weights

    /// The runner could not keep what a plan needs. The leader plans without this board, and with it again once the
    /// board says that there is room.
    func weightsFoundNoRoom(_ reason: String) async {
        let folder = configuration.stateDirectory
        let room = try? await NIOThreadPool.singleton.runIfActive { FileBytes.availableBytes(in: folder) }
        roomWhenFull = (room ?? nil) ?? 0
        guard !ownConditions.has(Self.noRoom) else { return }
        ownConditions.set(Self.noRoom, reason)
        logger.error("\(reason); the board takes no plan that needs more")
        await feed(.capabilitiesChanged(capabilities()))
    }

    func noticeRoom() async {
        guard let roomWhenFull else { return }
        let folder = configuration.stateDirectory
        let room = try? await NIOThreadPool.singleton.runIfActive { FileBytes.availableBytes(in: folder) }
        guard let room = room ?? nil, room >= roomWhenFull + Self.roomBytes else { return }
        self.roomWhenFull = nil
        ownConditions.clear(Self.noRoom)
        logger.notice("\(folder) has \(room) bytes left again; the board takes plans again")
        await feed(.capabilitiesChanged(capabilities()))
    }

    private static let noRoom = "room"
    /// Less is not worth another attempt.
    private static let roomBytes = 1 << 20
}

extension ClusterEffect {
    /// What must be on disk before anything that follows is done; nil: nothing must.
    var persisted: StoredState? {
        if case .persist(let state) = self { return state }
        return nil
    }
}
