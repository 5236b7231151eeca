/// Looks at a board once; each part of it has a file of its own.
struct BoardFinder {
    static let memoryPath = "/proc/meminfo"
    private static let modelPaths = ["/proc/device-tree/model", "/sys/firmware/devicetree/base/model"]
    private static let productPath = "/sys/class/dmi/id/product_name"

    let root: SystemRoot
    private var faults: [BoardFault] = []

    init(_ root: SystemRoot) { self.root = root }

    mutating func inventory() -> BoardInventory {
        var inventory = BoardInventory(model: model())
        inventory.domains = frequencyDomains()
        let memory = memory()
        inventory.memoryTotalBytes = memory?.totalBytes
        inventory.memoryAvailableBytes = memory?.availableBytes
        inventory.zones = thermalZones()
        inventory.supplies = powerSupplies()
        inventory.sensors = powerSensors()
        inventory.interfaces = networkInterfaces()
        inventory.faults = faults.sorted { ($0.path, $0.problem) < ($1.path, $1.problem) }
        return inventory
    }

    private mutating func model() -> String? {
        for path in Self.modelPaths + [Self.productPath] where root.exists(path) {
            return attempt("the board's kind is unknown, and no board profile fits") { root throws(BoardFault) in
                try root.text(path)
            }
        }
        note(
            BoardFault(
                Self.modelPaths[0], .missing, "neither it nor \(Self.productPath) is there",
                consequence: "the board's kind is unknown, and no board profile fits"))
        return nil
    }

    private mutating func memory() -> BoardMemory? {
        let meaning = "the board's memory is unknown"
        let text = attempt(meaning) { root throws(BoardFault) in
            try root.text(Self.memoryPath, maximumBytes: SystemRoot.maximumProcBytes)
        }
        guard let text else { return nil }
        guard let memory = BoardMemory.parse(meminfo: text), memory.totalBytes > 0,
            (0...memory.totalBytes).contains(memory.availableBytes)
        else {
            note(BoardFault(Self.memoryPath, .malformed, "MemTotal or MemAvailable is missing or cannot be"))
            return nil
        }
        return memory
    }

    // MARK: What the parts share

    /// A figure, or nil and a fault with what follows from it.
    mutating func attempt<Value>(
        _ meaning: String, _ read: (SystemRoot) throws(BoardFault) -> Value
    ) -> Value? {
        do throws(BoardFault) {
            return try read(root)
        } catch {
            note(error.meaning(meaning))
            return nil
        }
    }

    /// The same for a file that many boards lack, without a fault for its absence.
    mutating func attemptIfThere<Value>(
        _ meaning: String, _ read: (SystemRoot) throws(BoardFault) -> Value
    ) -> Value? {
        do throws(BoardFault) {
            return try read(root)
        } catch {
            if error.kind != .missing { note(error.meaning(meaning)) }
            return nil
        }
    }

    mutating func note(_ fault: BoardFault) {
        guard faults.count < BoardLimits.maximumFaults, !faults.contains(fault) else { return }
        faults.append(fault)
    }

    /// Names in a folder by number where they end with one, so that zone 10 comes after zone 9.
    mutating func folders(in folder: String, prefix: String = "", atMost limit: Int) -> [String] {
        let names: [String]
        do throws(SystemErrno) {
            names = try root.names(in: folder)
        } catch {
            note(BoardFault(reading: folder, error))
            return []
        }
        let found = names.filter { $0.hasPrefix(prefix) }.sorted { Self.naturalKey($0) < Self.naturalKey($1) }
        if found.count > limit {
            note(
                BoardFault(
                    folder, .absurd, "\(found.count) entries cannot be", consequence: "only \(limit) are looked at"))
        }
        return Array(found.prefix(limit))
    }

    private static func naturalKey(_ name: String) -> (String, Int, String) {
        let stem = name.reversed().drop { $0.isASCII && $0.isNumber }.reversed()
        return (String(stem), Int(name.dropFirst(stem.count)) ?? -1, name)
    }
}
