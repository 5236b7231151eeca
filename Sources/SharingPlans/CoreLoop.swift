/// How a planner uses several cores: a loop whose rounds may run at once. Passed in, so that planners start no threads.
public struct CoreLoop: Sendable {
    public typealias Body = @Sendable (_ index: Int) -> Void

    /// Rounds that may run at once.
    public let coreCount: Int
    /// Runs `body` for every index below `count`, and returns when all are done.
    public let run: @Sendable (_ count: Int, _ body: Body) -> Void

    public init(coreCount: Int, run: @escaping @Sendable (_ count: Int, _ body: Body) -> Void) {
        self.coreCount = max(1, coreCount)
        self.run = run
    }

    /// One round after the other.
    public static let single = CoreLoop(coreCount: 1) { count, body in
        for index in 0..<count { body(index) }
    }
}
