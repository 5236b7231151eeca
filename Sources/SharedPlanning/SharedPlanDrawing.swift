import Costs
import Planning
import Sharing

/// A shared plan over time as SVG: a lane for each board's computing, below it one for each board that it sends to. The
/// ground of a lane shows where nothing happens.
public struct SharedPlanDrawing: Sendable {
    private let title: String
    private let names: [String]
    private let times: BoardTimes
    private let nameOfOperator: [String]

    /// Throws where the plan does not fit its graph.
    public init(_ solution: SharedSolution) throws(SharingError) {
        times = try BoardTimes(solution)
        names = solution.problem.devices.map(\.id.name)
        nameOfOperator = solution.graph.graph.operators.map(\.name)
        title =
            "\(solution.problem.problem.model) shared by \(solution.plan.planner): "
            + FigureText.seconds(solution.plan.latencyS)
    }

    private static let width = 960.0
    private static let left = 150.0
    private static let right = 130.0
    private static let top = 48.0
    private static let computeHeight = 26.0
    private static let sendHeight = 12.0
    private static let laneGap = 3.0
    private static let boardGap = 12.0
    private static let axisHeight = 44.0
    private static let legendHeight = 30.0
    /// Narrower marks would not be seen.
    private static let narrowest = 0.75
    private static let tickCount = 8.0

    private static let style = """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328; }
        .title { font-size: 15px; font-weight: 600; } .small { font-size: 10px; }
        .paper { fill: #ffffff; } .idle { fill: #eaeef2; } .grid { stroke: #d0d7de; stroke-width: 1; }
        .compute { fill: #0072b2; } .send { fill: #d55e00; }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; } .paper { fill: #0d1117; } .idle { fill: #21262d; } .grid { stroke: #30363d; }
        .compute { fill: #56b4e9; } .send { fill: #e69f00; }
        }
        </style>
        """

    /// The whole picture.
    public var svg: String {
        let boards = names.indices.map { device in times.sent.filter { $0.from == device } }
        let bodies = boards.map { sent in
            Self.computeHeight + Double(sent.count) * (Self.sendHeight + Self.laneGap) + Self.boardGap
        }
        let bottom = Self.top + bodies.reduce(0, +)
        let height = bottom + Self.axisHeight + Self.legendHeight
        return SVGText.picture(
            title: title, titleX: 12, width: Self.width, height: height, style: Self.style
        ) { svg in
            var y = Self.top
            for device in names.indices {
                board(device, boards[device], y, &svg)
                y += bodies[device]
            }
            axis(bottom, &svg)
            legend(bottom + Self.axisHeight + 8, &svg)
        }
    }

    private func x(_ seconds: Double) -> Double {
        Self.left + (times.endS > 0 ? seconds / times.endS : 0) * (Self.width - Self.left - Self.right)
    }

    private func board(_ device: Int, _ sent: [BoardTimes.Sent], _ y: Double, _ svg: inout SVGText) {
        Self.label(names[device], 12, y + Self.computeHeight / 2 + 4, &svg)
        let share = times.endS > 0 ? times.idleS[device] / times.endS : 0
        Self.label(
            "idle \(FigureText.percent(share))", Self.width - Self.right + 8, y + Self.computeHeight / 2 + 4, &svg)
        ground(y, Self.computeHeight, &svg)
        for span in times.computing[device] {
            let first = nameOfOperator[span.operators.lowerBound]
            let last = nameOfOperator[span.operators.upperBound]
            mark(
                "compute", span, y, Self.computeHeight,
                span.count == 1
                    ? "\(first), \(FigureText.seconds(span.endS - span.startS))"
                    : "\(first) .. \(last), \(span.count) operators, \(FigureText.seconds(span.endS - span.startS))",
                &svg)
        }
        var lane = y + Self.computeHeight + Self.laneGap
        for link in sent {
            Self.label("to \(names[link.to])", 28, lane + Self.sendHeight - 2, small: true, &svg)
            ground(lane, Self.sendHeight, &svg)
            for span in link.spans {
                mark(
                    "send", span, lane, Self.sendHeight,
                    "\(FigureText.bytes(span.byteCount)) to \(names[link.to]), "
                        + FigureText.seconds(span.endS - span.startS), &svg)
            }
            lane += Self.sendHeight + Self.laneGap
        }
    }

    private func ground(_ y: Double, _ height: Double, _ svg: inout SVGText) {
        svg.element("rect", [("class", "idle")] + Self.box(x(0), y, x(times.endS) - x(0), height))
    }

    private func mark(
        _ kind: String, _ span: BoardTimes.Span, _ y: Double, _ height: Double, _ hint: String, _ svg: inout SVGText
    ) {
        let start = x(span.startS)
        let end = min(x(span.endS), x(times.endS))
        svg.element(
            "rect", [("class", kind)] + Self.box(start, y, max(Self.narrowest, end - start), height)
        ) { $0.element("title", [], text: hint) }
    }

    private func axis(_ bottom: Double, _ svg: inout SVGText) {
        let step = ChartAxis.roundStep(times.endS / Self.tickCount)
        var index = 0.0
        while times.endS > 0, index * step <= times.endS {
            let place = SVGText.number(x(index * step))
            svg.element(
                "line",
                [
                    ("class", "grid"), ("x1", place), ("y1", SVGText.number(Self.top - 6)), ("x2", place),
                    ("y2", SVGText.number(bottom)),
                ])
            svg.element(
                "text",
                [("class", "small"), ("x", place), ("y", SVGText.number(bottom + 14)), ("text-anchor", "middle")],
                text: FigureText.seconds(index * step))
            index += 1
        }
    }

    private func legend(_ y: Double, _ svg: inout SVGText) {
        var place = Self.left
        for (kind, name) in [("compute", "computes"), ("send", "sends"), ("idle", "idle")] {
            svg.element("rect", [("class", kind)] + Self.box(place, y, 16, 12))
            Self.label(name, place + 22, y + 10, &svg)
            place += 110
        }
    }

    private static func box(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double
    ) -> [(String, String)] {
        [
            ("x", SVGText.number(x)), ("y", SVGText.number(y)), ("width", SVGText.number(width)),
            ("height", SVGText.number(height)),
        ]
    }

    private static func label(
        _ text: String, _ x: Double, _ y: Double, small: Bool = false, _ svg: inout SVGText
    ) {
        svg.element(
            "text",
            (small ? [("class", "small")] : []) + [("x", SVGText.number(x)), ("y", SVGText.number(y))], text: text)
    }
}
