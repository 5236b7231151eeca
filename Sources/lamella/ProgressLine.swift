import Glibc
import Synchronization

/// Says on standard error how far something is, once it takes long: one line that is written over on a terminal,
/// and a line now and then elsewhere.
final class ProgressLine: Sendable {
    /// What is done sooner than this is not worth a line.
    static let patience: Duration = .seconds(1)
    static let intervalOnTerminal: Duration = .milliseconds(200)
    static let intervalElsewhere: Duration = .seconds(10)

    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex<(last: ContinuousClock.Instant?, shown: Bool)>((nil, false))

    /// Shows the text if it is time for one; may be called as often as something moves.
    func show(_ text: @autoclosure () -> String) {
        let now = ContinuousClock.now
        let isTime = state.withLock { state in
            let interval = isTerminal ? Self.intervalOnTerminal : Self.intervalElsewhere
            guard now - start >= Self.patience, state.last.map({ now - $0 >= interval }) ?? true else { return false }
            state = (now, true)
            return true
        }
        // On a terminal the line is cleared to its end and written over by the next one.
        if isTime { say(isTerminal ? "\r\(text())\u{1B}[K" : text() + "\n") }
    }

    /// Clears the line, so that what follows starts on a fresh one.
    func end() {
        let shown = state.withLock { $0.shown }
        if shown, isTerminal { say("\r\u{1B}[K") }
    }

    private func say(_ text: String) {
        let bytes = Array(text.utf8)
        // Progress is a courtesy: where standard error takes nothing, nothing is lost.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
