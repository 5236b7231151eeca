/// Which layers run as one, where and at which operating point: what the evaluator prices.
///
/// Devices and points are named by their index in the problem.
public struct Schedule: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
        public var first: Int
        /// Included.
        public var last: Int
        public var device: Int
        /// Index among the device's `points`.
        public var point: Int

        public init(first: Int, last: Int, device: Int, point: Int) {
            self.first = first
            self.last = last
            self.device = device
            self.point = point
        }
    }

    public var steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }

    /// Each layer a step of its own on the device named for it, every device at the point named for it.
    public init(path: [Int], points: [Int]) {
        steps = path.enumerated().map { layer, device in
            Step(first: layer, last: layer, device: device, point: points.indices.contains(device) ? points[device] : 0)
        }
    }

    /// The device of each layer.
    public var path: [Int] { steps.flatMap { step in (step.first...step.last).map { _ in step.device } } }
}
