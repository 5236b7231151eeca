import Board

/// What is out of order on a board now, a sentence each, for those who look at it. Pure.
package struct BoardConditions: Sendable {
    package static let maximum = 8
    package static let maximumSentenceBytes = 240

    private var sentences: [(key: String, sentence: String)] = []

    package init() {}

    /// The latest ones.
    package var all: [String] { sentences.suffix(Self.maximum).map(\.sentence) }

    package mutating func set(_ key: String, _ sentence: String) {
        clear(key)
        sentences.append((key, String(sentence.prefix(Self.maximumSentenceBytes))))
        sentences.removeFirst(max(0, sentences.count - 4 * Self.maximum))
    }

    package func has(_ key: String) -> Bool { sentences.contains { $0.key == key } }

    /// - Returns: true where there was such a condition.
    @discardableResult
    package mutating func clear(_ key: String) -> Bool {
        let count = sentences.count
        sentences.removeAll { $0.key == key }
        return sentences.count < count
    }

    package mutating func handle(_ event: BoardEvent) {
        switch event {
        case .throttled(let clock, _, _, _): set("clock \(clock)", event.description)
        case .throttlingEnded(let clock, _): clear("clock \(clock)")
        case .hot(let zone, _, _): set("zone \(zone)", event.description)
        case .cooled(let zone, _): clear("zone \(zone)")
        case .memoryLow: set("memory", event.description)
        case .memoryEnough: clear("memory")
        case .sensorLost(let fault): set("file \(fault.path)", event.description)
        case .sensorReturned(let path): clear("file \(path)")
        }
    }
}
