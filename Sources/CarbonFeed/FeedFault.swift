/// Why a poll of a carbon source gave nothing to publish: what happened and what to do.
public struct FeedFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// A fault of one kind is said once until the zone recovers.
    public enum Kind: String, Sendable, CaseIterable {
        case noLibrary, unreachable, untrusted, slow, tooLong, stopped
        case redirected, refused, rateLimited, status
        case empty, webPage, notJSON, unexpected
        case wrongZone, wrongUnit, wrongCounting, outOfRange
        case future, older, late, noData, secret
    }

    public var kind: Kind
    /// What happened; no capital, no full stop. Never holds a secret or the text of an answer.
    public var problem: String
    /// What to do.
    public var advice: String
    /// When the source asked to be left alone; nil where it did not.
    public var retryAfterS: Double?

    public init(_ kind: Kind, _ problem: String, _ advice: String, retryAfterS: Double? = nil) {
        self.kind = kind
        self.problem = problem
        self.advice = advice
        self.retryAfterS = retryAfterS
    }

    public var description: String { problem + "; " + advice }

    /// Does only a person help? Then asking again soon would only annoy the source.
    public var needsPerson: Bool {
        switch kind {
        case .noLibrary, .untrusted, .redirected, .refused, .wrongZone, .wrongUnit, .wrongCounting, .secret: true
        default: false
        }
    }
}
