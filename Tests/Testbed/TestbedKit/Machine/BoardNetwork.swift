/// The network of one bed: a bridge, and for each board a namespace joined to it by a veth pair.
///
/// What a board sends to another passes a queue of its own: an `htb` class for the other's address, with a `tbf` below
/// that holds the rate. What it sends elsewhere, to the broker above all, passes freely unless the scenario says
/// otherwise. There is no delay: this kernel need not have `netem`.
package struct BoardNetwork: Sendable {
    /// A full Ethernet frame carries this part of its bytes as payload of TCP with time stamps. Rates are given as
    /// payload; `tbf` counts frames.
    static let payloadPart = 1448.0 / 1514.0
    /// What `tbf` lets pass at once: about a millisecond, two frames at least.
    static let burstS = 0.001
    /// What may wait in a queue before packets are lost; a TCP sender that the kernel holds back never gets there.
    static let queueBytes = 4 << 20
    /// So that the names of interfaces, at most 15 characters, and addresses suffice.
    static let maximumBoards = 90

    let name: BedName
    /// In the order of their addresses.
    let boards: [String]

    init(_ name: BedName, boards: [String]) throws(TestbedError) {
        guard boards.count <= Self.maximumBoards else {
            throw TestbedError("\(boards.count) boards are more than one bed can have, \(Self.maximumBoards)")
        }
        self.name = name
        self.boards = boards
    }

    var brokerAddress: String { "10.213.\(name.number).1" }

    /// - Throws: `TestbedError` for a board that is not there.
    func address(of board: String) throws(TestbedError) -> String {
        "10.213.\(name.number).\(10 + (try index(of: board)))"
    }

    func namespace(of board: String) -> String { name.namespace(of: board) }

    private func index(of board: String) throws(TestbedError) -> Int {
        guard let index = boards.firstIndex(of: board) else {
            throw TestbedError("there is no board '\(board)'; the boards are \(boards.joined(separator: ", "))")
        }
        return index
    }

    /// Makes bridge, namespaces and addresses; every link is unshaped.
    func create() async throws {
        var links = [
            "link add \(name.bridge) type bridge",
            "addr add \(brokerAddress)/24 dev \(name.bridge)",
            "link set \(name.bridge) up",
        ]
        for (index, board) in boards.enumerated() {
            try await SystemCommand.run(["ip", "netns", "add", namespace(of: board)])
            let port = name.port(index)
            links += [
                "link add \(port) type veth peer name eth0 netns \(namespace(of: board))",
                "link set \(port) master \(name.bridge)",
                "link set \(port) up",
            ]
        }
        try await SystemCommand.run(["ip", "-batch", "-"], input: links)
        for board in boards {
            let address = try address(of: board)
            try await SystemCommand.run(
                ["ip", "-n", namespace(of: board), "-batch", "-"],
                input: [
                    "addr add \(address)/24 dev eth0", "link set lo up", "link set eth0 up",
                    "route add default via \(brokerAddress)",
                ])
            // What matches no filter takes no class and waits for nobody.
            try await SystemCommand.run(
                ["tc", "-n", namespace(of: board), "-batch", "-"],
                input: ["qdisc add dev eth0 root handle 1: htb default 0"])
        }
    }

    /// Gives what a board sends to an address a rate of its own.
    private func addClass(
        board: String, number: Int, to address: String, bytesPerS: Double
    ) async throws {
        let minor = String(number, radix: 16)
        try await SystemCommand.run(
            ["tc", "-n", namespace(of: board), "-batch", "-"],
            input: [
                // The class itself is no limit; its quantum is given because it would be guessed from the rate.
                "class add dev eth0 parent 1: classid 1:\(minor) htb rate 30gbit quantum 60000",
                "qdisc add dev eth0 parent 1:\(minor) handle \(minor): \(Self.shape(bytesPerS))",
                "filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst \(address)/32 flowid 1:\(minor)",
            ])
    }

    package static func shape(_ bytesPerS: Double) -> String {
        let frameBytesPerS = bytesPerS / payloadPart
        let burst = max(2 * 1514, Int(frameBytesPerS * burstS))
        // The unit `bps` of tc is bytes per second.
        return "tbf rate \(Int(frameBytesPerS.rounded()))bps burst \(burst) limit \(queueBytes)"
    }

    /// The class for another board: 16 and up, so that numbers below are free for the rest.
    private func classNumber(of board: String) throws(TestbedError) -> Int { 16 + (try index(of: board)) }

    /// Shapes one direction of a link for the first time.
    func addLink(from sender: String, to receiver: String, bytesPerS: Double) async throws {
        try Self.check(bytesPerS, "from \(sender) to \(receiver)")
        try await addClass(
            board: sender, number: try classNumber(of: receiver), to: try address(of: receiver), bytesPerS: bytesPerS)
    }

    /// Changes one direction of a link that is shaped already; what waits in its queue goes on at the new rate.
    func setLink(from sender: String, to receiver: String, bytesPerS: Double) async throws {
        try Self.check(bytesPerS, "from \(sender) to \(receiver)")
        let minor = String(try classNumber(of: receiver), radix: 16)
        _ = try index(of: sender)
        let words = "qdisc change dev eth0 parent 1:\(minor) handle \(minor): \(Self.shape(bytesPerS))"
        try await SystemCommand.run(
            ["tc", "-n", namespace(of: sender)] + words.split(separator: " ").map(String.init))
    }

    /// Shapes what a board sends to the broker.
    func addControl(from sender: String, bytesPerS: Double) async throws {
        try Self.check(bytesPerS, "from \(sender) to the broker")
        try await addClass(board: sender, number: 2, to: brokerAddress, bytesPerS: bytesPerS)
    }

    private static func check(_ bytesPerS: Double, _ place: String) throws(TestbedError) {
        guard bytesPerS.isFinite, (1e3...1e9) ~= bytesPerS else {
            throw TestbedError("a rate \(place) of \(bytesPerS) bytes/s cannot be shaped; give 1e3 to 1e9")
        }
    }

    /// Removes what `create` made, as far as it is there.
    func remove() async {
        for (index, board) in boards.enumerated() {
            _ = try? await SystemCommand.run(["ip", "link", "del", name.port(index)])
            _ = try? await SystemCommand.run(["ip", "netns", "del", namespace(of: board)])
        }
        _ = try? await SystemCommand.run(["ip", "link", "del", name.bridge])
    }
}
