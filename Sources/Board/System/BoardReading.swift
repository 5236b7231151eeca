/// What a board shows at one moment; nil and absent: unknown.
public struct BoardReading: Sendable, Equatable {
    public struct Zone: Sendable, Equatable {
        public var name: String
        public var celsius: Double?
        /// From here on the kernel slows the board down (nil: it does not say).
        public var passiveCelsius: Double?

        public init(name: String, celsius: Double?, passiveCelsius: Double? = nil) {
            self.name = name
            self.celsius = celsius
            self.passiveCelsius = passiveCelsius
        }
    }

    public struct Clock: Sendable, Equatable {
        public var domain: String
        /// What frequency control set (nil: nothing).
        public var plannedHz: Double?
        /// The greatest frequency in force, as read back.
        public var maximumHz: Double?
        public var currentHz: Double?

        public init(domain: String, plannedHz: Double?, maximumHz: Double?, currentHz: Double? = nil) {
            self.domain = domain
            self.plannedHz = plannedHz
            self.maximumHz = maximumHz
            self.currentHz = currentHz
        }
    }

    public var zones: [Zone]
    public var clocks: [Clock]
    public var memoryAvailableBytes: Int?
    /// Of the whole board, from 0 to 1.
    public var load: Double?
    /// Of files that should have told something.
    public var faults: [BoardFault]

    public init(
        zones: [Zone] = [], clocks: [Clock] = [], memoryAvailableBytes: Int? = nil, load: Double? = nil,
        faults: [BoardFault] = []
    ) {
        self.zones = zones
        self.clocks = clocks
        self.memoryAvailableBytes = memoryAvailableBytes
        self.load = load
        self.faults = faults
    }

    /// Reads what changes of a board that was looked at before. Blocks on some dozen small files.
    ///
    /// - Parameters:
    ///   - plannedHz: what frequency control set, by the domain's name.
    ///   - load: of the whole board, from 0 to 1, which this does not measure.
    public static func read(
        _ root: SystemRoot, _ inventory: BoardInventory, plannedHz: [String: Double] = [:], load: Double? = nil
    ) -> BoardReading {
        var reading = BoardReading(load: load)
        for zone in inventory.zones {
            var celsius: Double?
            do throws(BoardFault) {
                celsius = Double(try root.integer(zone.temperaturePath, in: BoardLimits.milliCelsius)) / 1000
            } catch {
                reading.faults.append(error)
            }
            reading.zones.append(Zone(name: zone.name, celsius: celsius, passiveCelsius: zone.passiveCelsius))
        }
        for domain in inventory.domains {
            let state = domain.folder.state(root)
            reading.clocks.append(
                Clock(
                    domain: domain.name, plannedHz: plannedHz[domain.name],
                    maximumHz: state.maximum.map { Double($0) * Double(domain.unitHz) }, currentHz: state.currentHz))
            if state.maximum == nil {
                reading.faults.append(BoardFault(domain.maximumPath, .failing, "tells no frequency any more"))
            }
        }
        let memory = (try? root.text(BoardFinder.memoryPath, maximumBytes: SystemRoot.maximumProcBytes))
            .flatMap { BoardMemory.parse(meminfo: $0) }
        reading.memoryAvailableBytes = memory?.availableBytes
        return reading
    }
}
