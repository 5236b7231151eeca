import Glibc
import Synchronization

/// Carries a conversation with a source to its end: one poll at a time.
public final class FeedPoller: Sendable {
    /// Questions of one poll; a conversation that wants more is broken.
    public static let maximumQuestions = 8

    private let conversation: Mutex<any FeedConversation>
    private let base: FeedBase
    private let http: HTTPSource
    private let stopFlag: HTTPSource.StopFlag
    private let secretPath: String?

    /// - Parameter secretPath: a token's file, read anew for each poll, so that a new token needs no restart.
    public init(
        _ conversation: any FeedConversation, base: FeedBase, secretPath: String? = nil,
        limits: HTTPSource.Limits = HTTPSource.Limits()
    ) {
        self.conversation = Mutex(conversation)
        self.base = base
        self.secretPath = secretPath
        stopFlag = HTTPSource.StopFlag()
        http = HTTPSource(limits: limits, stop: stopFlag)
    }

    /// Ends a poll that is under way, within about a second, and all later ones at once.
    public func stop() { stopFlag.raise() }

    /// Blocks until the source has answered, or not: never on the cooperative pool.
    public func poll(_ zone: String) -> Result<FeedReading, FeedFault> {
        Result { () throws(FeedFault) in
            let secret: Secret? = if let secretPath { try SecretFile.read(secretPath) } else { nil }
            return try conversation.withLock { conversation throws(FeedFault) in
                var step = try conversation.begin(zone: zone, secret: secret, wallS: FeedClock.wallS)
                for _ in 0..<Self.maximumQuestions {
                    guard case .ask(let request) = step else { break }
                    guard !stopFlag.isRaised else { throw FeedFault(.stopped, "the poll was given up", "none needed") }
                    let answer = Result { () throws(FeedFault) in try http.get(request, isLocal: base.isLocal) }
                    step = try conversation.take(answer, wallS: FeedClock.wallS)
                }
                guard case .done(let reading) = step else {
                    throw FeedFault(
                        .unexpected, "the source wants more than \(Self.maximumQuestions) questions",
                        "is --url that of the source?")
                }
                return reading
            }
        }
    }
}

/// The clocks of this machine.
enum FeedClock {
    /// The time of day in seconds since 1970.
    static var wallS: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
