import Costs

/// Something that goes wrong.
enum Fault {
    /// The board loses power; it is back after a while.
    case crash(board: Int, down: Duration)
    /// The board loses power while it carries out a list of effects, after this many.
    case crashBetweenEffects(board: Int, after: Int)
    /// Boards of different sides do not reach each other, in silence.
    case partition(sides: [Int], duration: Duration)
    /// The board loses its connection to the broker, and notices.
    case cut(board: Int, duration: Duration)
    /// The broker restarts; its retained messages are gone, old, or kept.
    case brokerRestart(down: Duration, memory: BrokerMemory)
    case runnerKill(board: Int)
    /// The agent's loop stands still; its inputs wait.
    case stall(board: Int, duration: Duration)
    case slow(board: Int, factor: Int)
    case linkChange(board: Int, peer: Int, bandwidthBytesPerS: Double)
    /// Every control message is lost with this probability for a while.
    case loss(probability: Double, duration: Duration)
    case replanRequest
    /// The board may or may not lead.
    case eligibility(board: Int, Bool)
    /// The model is replaced by another version.
    case modelChange

    enum BrokerMemory: String, CaseIterable { case kept, emptied, old }

    /// The faults of a run, with their times, all drawn from the generator.
    static func schedule(
        boards: Int, within time: Duration, using random: inout SeededGenerator
    ) -> [(time: Duration, fault: Fault)] {
        let count = Int.random(in: 2...12, using: &random)
        var faults: [(time: Duration, fault: Fault)] = []
        for _ in 0..<count {
            let at = .milliseconds(1500) + (time - .milliseconds(1500)) * Double.random(in: 0..<1, using: &random)
            faults.append((at, draw(boards: boards, using: &random)))
        }
        return faults.sorted { $0.time < $1.time }
    }

    private static func draw(boards: Int, using random: inout SeededGenerator) -> Fault {
        let board = Int.random(in: 0..<boards, using: &random)
        func milliseconds(_ range: ClosedRange<Int>) -> Duration {
            .milliseconds(Int.random(in: range, using: &random))
        }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: return .crash(board: board, down: milliseconds(50...4000))
        case 20..<32: return .crashBetweenEffects(board: board, after: Int.random(in: 0..<30, using: &random))
        case 32..<47:
            let sides = (0..<boards).map { _ in Int.random(in: 0..<2, using: &random) }
            return .partition(sides: sides, duration: milliseconds(200...5000))
        case 47..<54: return .cut(board: board, duration: milliseconds(100...4000))
        case 54..<62:
            let memory = BrokerMemory.allCases.randomElement(using: &random) ?? .emptied
            return .brokerRestart(down: milliseconds(50...2500), memory: memory)
        case 62..<72: return .runnerKill(board: board)
        case 72..<78: return .stall(board: board, duration: milliseconds(100...3000))
        case 78..<82: return .slow(board: board, factor: Int.random(in: 2...20, using: &random))
        case 82..<90:
            let peer = Int.random(in: 0..<boards, using: &random)
            return .linkChange(
                board: board, peer: peer, bandwidthBytesPerS: random.logarithmic(in: 1e5...1e8))
        case 90..<93:
            return .loss(
                probability: Double.random(in: 0.05...0.5, using: &random), duration: milliseconds(500...4000))
        case 93..<96: return .replanRequest
        case 96..<98: return .eligibility(board: board, Bool.random(using: &random))
        default: return .modelChange
        }
    }
}
