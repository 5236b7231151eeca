import Costs

/// What a poll brought: a zone's intensity now and, where the source has it, later.
public struct FeedReading: Sendable, Equatable {
    public var series: CarbonSeries
    /// What is missing although the poll succeeded, as a forecast that the plan does not cover.
    public var note: FeedFault?

    /// - Parameter note: what is missing although the poll succeeded; said once.
    public init(series: CarbonSeries, note: FeedFault? = nil) {
        self.series = series
        self.note = note
    }
}

/// What a conversation with a source does next.
public enum FeedStep: Sendable, Equatable {
    case ask(FeedRequest)
    case done(FeedReading)
}

/// The questions and answers of one source. Pure: the caller carries the requests and brings the answers.
public protocol FeedConversation: Sendable {
    /// Begins a poll of a zone; what an earlier poll left open is forgotten.
    ///
    /// - Parameter wallS: the time of day in seconds since 1970.
    mutating func begin(zone: String, secret: Secret?, wallS: Double) throws(FeedFault) -> FeedStep

    /// Takes the answer to the last question.
    mutating func take(_ answer: Result<FeedResponse, FeedFault>, wallS: Double) throws(FeedFault) -> FeedStep
}
