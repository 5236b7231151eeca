/// Looks at a board once; each part of it has a file of its own.
struct BoardFinder {
    static let memoryPath = "/proc/meminfo"

    let root: SystemRoot
    private var faults: [BoardFault] = []

    init(_ root: SystemRoot) { self.root = root }

    mutating func inventory() -> BoardInventory {
        BoardInventory()
    }
}
