import Glibc

/// Says that a bed is alive: a locked file, which the kernel unlocks when its process ends, however it ends.
final class BedLock: Sendable {
    static let folder = "/run/lamella-testbed"

    let name: BedName
    private let descriptor: Int32

    private init(name: BedName, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func path(_ number: Int) -> String { "\(folder)/\(number).lock" }

    /// Takes a free number and removes what beds of dead processes have left. Blocks.
    ///
    /// - Throws: `TestbedError`.
    static func take(places: ControlGroupPlaces) throws -> (lock: BedLock, leftovers: [String]) {
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw TestbedError("cannot make \(folder)", code: errno)
        }
        // One process at a time looks around and takes a number: else one's new bed would be another's leftover.
        let turn = open("\(folder)/turn.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard turn >= 0 else { throw TestbedError("cannot open \(folder)/turn.lock", code: errno) }
        defer { close(turn) }
        guard flock(turn, LOCK_EX) == 0 else { throw TestbedError("cannot lock \(folder)/turn.lock", code: errno) }
        let removed = Leftovers.remove(places: places) { isAlive($0) }
        for number in 0...BedName.maximumNumber {
            let path = path(number)
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw TestbedError("cannot open \(path)", code: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                continue
            }
            let owner = "\(getpid())\n"
            guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, owner, owner.utf8.count, 0) == owner.utf8.count
            else {
                let code = errno
                close(descriptor)
                throw TestbedError("cannot write \(path)", code: code)
            }
            return (BedLock(name: BedName(process: Int(getpid()), number: number), descriptor: descriptor), removed)
        }
        throw TestbedError("\(BedName.maximumNumber + 1) test beds run on this machine already; stop one")
    }

    /// Is the number's file locked, by the process of this name?
    static func isAlive(_ name: BedName) -> Bool {
        let descriptor = open(path(name.number), O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Closing takes back what this has locked.
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return false }
        return (try? KernelFile.read(path(name.number))) == "\(name.process)\n"
    }
}
