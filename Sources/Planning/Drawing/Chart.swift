/// A chart of series over two axes as SVG that reads on light and on dark ground.
///
/// The colours are those of Okabe and Ito, which people with colour blindness tell apart; series also differ in their
/// marks and are named in the legend.
public struct Chart: Sendable {
    public struct Series: Sendable {
        public enum Style: Sendable {
            case points, line
            /// Each value holds until the next one.
            case steps
            /// Points joined by steps: a front, where nothing lies below.
            case front
        }

        public var name: String
        public var style: Style
        public var points: [(x: Double, y: Double)]
        /// What a pointing device shows at each point; empty: nothing.
        public var hints: [String]

        public init(_ name: String, _ style: Style, _ points: [(x: Double, y: Double)], hints: [String] = []) {
            self.name = name
            self.style = style
            self.points = points
            self.hints = hints
        }
    }

    /// One place that is pointed out.
    public struct Mark: Sendable {
        public var name: String
        public var x: Double
        public var y: Double

        public init(_ name: String, x: Double, y: Double) {
            self.name = name
            self.x = x
            self.y = y
        }
    }

    public var title: String
    public var horizontal: ChartAxis
    public var vertical: ChartAxis
    public var series: [Series]
    public var marks: [Mark]

    public init(
        _ title: String, horizontal: ChartAxis, vertical: ChartAxis, series: [Series], marks: [Mark] = []
    ) {
        self.title = title
        self.horizontal = horizontal
        self.vertical = vertical
        self.series = series
        self.marks = marks
    }

    private static let width = 760.0
    private static let plotHeight = 380.0
    private static let left = 78.0
    private static let right = 20.0
    private static let top = 44.0
    private static let axisHeight = 52.0
    private static let legendLine = 20.0
    private static let colorCount = 7

    private static let style = """
        <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328; }
        .title { font-size: 15px; font-weight: 600; }
        .paper { fill: #ffffff; } .grid { stroke: #d0d7de; stroke-width: 1; } .axis { stroke: #57606a; }
        .line { fill: none; stroke-width: 2; } .mark { fill: none; stroke: #1f2328; stroke-width: 2; }
        .s0 { stroke: #0072b2; fill: #0072b2; } .s1 { stroke: #d55e00; fill: #d55e00; }
        .s2 { stroke: #009e73; fill: #009e73; } .s3 { stroke: #cc79a7; fill: #cc79a7; }
        .s4 { stroke: #b58900; fill: #b58900; } .s5 { stroke: #6f42c1; fill: #6f42c1; }
        .s6 { stroke: #57606a; fill: #57606a; } .line.s0, .line.s1, .line.s2, .line.s3, .line.s4, .line.s5,
        .line.s6 { fill: none; }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; } .paper { fill: #0d1117; } .grid { stroke: #30363d; } .axis { stroke: #8b949e; }
        .mark { stroke: #e6edf3; } .s0 { stroke: #56b4e9; } .s0:not(.line) { fill: #56b4e9; }
        .s4 { stroke: #f0e442; } .s4:not(.line) { fill: #f0e442; } .s5 { stroke: #a371f7; }
        .s5:not(.line) { fill: #a371f7; } .s6 { stroke: #8b949e; } .s6:not(.line) { fill: #8b949e; }
        }
        </style>
        """

    static var pictureWidth: Double { width }

    /// Pixels from the title to the end of the legend.
    var height: Double {
        Self.top + Self.plotHeight + Self.axisHeight + Double(series.count + marks.count) * Self.legendLine + 12
    }

    /// The whole picture.
    public var svg: String {
        let frame = Frame(self)
        return SVGText.picture(
            title: title, titleX: Self.left, width: Self.width, height: height, style: Self.style
        ) { svg in
            drawAxes(frame, &svg)
            for (index, one) in series.enumerated() { draw(one, color: index % Self.colorCount, frame, &svg) }
            for mark in marks {
                svg.element(
                    "circle",
                    [
                        ("class", "mark"), ("cx", SVGText.number(frame.x(mark.x))),
                        ("cy", SVGText.number(frame.y(mark.y))), ("r", "8"),
                    ])
            }
            drawLegend(&svg)
        }
    }

    /// Values to places in the picture.
    private struct Frame {
        let horizontal: ChartAxis.Fitted
        let vertical: ChartAxis.Fitted

        init(_ chart: Chart) {
            horizontal = chart.horizontal.fitted(
                chart.series.flatMap { $0.points.map(\.x) } + chart.marks.map(\.x))
            vertical = chart.vertical.fitted(chart.series.flatMap { $0.points.map(\.y) } + chart.marks.map(\.y))
        }

        func x(_ value: Double) -> Double { left + horizontal.share(value) * (width - left - right) }
        func y(_ value: Double) -> Double { top + (1 - vertical.share(value)) * plotHeight }
    }

    private func drawAxes(_ frame: Frame, _ svg: inout SVGText) {
        let bottom = Self.top + Self.plotHeight
        let end = Self.width - Self.right
        func line(_ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ svg: inout SVGText) {
            svg.element(
                "line",
                [
                    ("class", kind), ("x1", SVGText.number(x1)), ("y1", SVGText.number(y1)),
                    ("x2", SVGText.number(x2)), ("y2", SVGText.number(y2)),
                ])
        }
        func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String, _ svg: inout SVGText) {
            svg.element(
                "text", [("x", SVGText.number(x)), ("y", SVGText.number(y)), ("text-anchor", anchor)], text: text)
        }
        for tick in frame.horizontal.ticks {
            line("grid", frame.x(tick.value), Self.top, frame.x(tick.value), bottom, &svg)
            label(tick.label, frame.x(tick.value), bottom + 18, "middle", &svg)
        }
        for tick in frame.vertical.ticks {
            line("grid", Self.left, frame.y(tick.value), end, frame.y(tick.value), &svg)
            label(tick.label, Self.left - 8, frame.y(tick.value) + 4, "end", &svg)
        }
        line("axis", Self.left, bottom, end, bottom, &svg)
        line("axis", Self.left, Self.top, Self.left, bottom, &svg)
        label(frame.horizontal.caption, (Self.left + end) / 2, bottom + 40, "middle", &svg)
        let middle = SVGText.number(Self.top + Self.plotHeight / 2)
        svg.element(
            "text",
            [
                ("x", "18"), ("y", middle), ("text-anchor", "middle"), ("transform", "rotate(-90 18 \(middle))"),
            ], text: frame.vertical.caption)
    }

    private func draw(_ series: Series, color: Int, _ frame: Frame, _ svg: inout SVGText) {
        let places = series.points.map { (x: frame.x($0.x), y: frame.y($0.y)) }
        if series.style != .points, places.count > 1 {
            var path = [places[0]]
            for place in places.dropFirst() {
                if series.style != .line { path.append((x: place.x, y: path[path.count - 1].y)) }
                path.append(place)
            }
            svg.element("polyline", [("class", "line s\(color)"), ("points", SVGText.points(path))])
        }
        guard series.style == .points || series.style == .front || places.count == 1 else { return }
        for (index, place) in places.enumerated() {
            let attributes = [
                ("class", "s\(color)"), ("cx", SVGText.number(place.x)), ("cy", SVGText.number(place.y)), ("r", "4"),
            ]
            guard series.hints.indices.contains(index) else {
                svg.element("circle", attributes)
                continue
            }
            svg.element("circle", attributes) { $0.element("title", [], text: series.hints[index]) }
        }
    }

    private func drawLegend(_ svg: inout SVGText) {
        var y = Self.top + Self.plotHeight + Self.axisHeight + Self.legendLine / 2
        func entry(_ name: String, _ svg: inout SVGText) {
            svg.element("text", [("x", SVGText.number(Self.left + 26)), ("y", SVGText.number(y + 4))], text: name)
            y += Self.legendLine
        }
        for (index, one) in series.enumerated() {
            let color = index % Self.colorCount
            if one.style == .points || one.style == .front {
                svg.element(
                    "circle",
                    [
                        ("class", "s\(color)"), ("cx", SVGText.number(Self.left + 10)), ("cy", SVGText.number(y)),
                        ("r", "4"),
                    ])
            } else {
                svg.element(
                    "line",
                    [
                        ("class", "line s\(color)"), ("x1", SVGText.number(Self.left)), ("y1", SVGText.number(y)),
                        ("x2", SVGText.number(Self.left + 20)), ("y2", SVGText.number(y)),
                    ])
            }
            entry(one.name, &svg)
        }
        for mark in marks {
            svg.element(
                "circle",
                [
                    ("class", "mark"), ("cx", SVGText.number(Self.left + 10)), ("cy", SVGText.number(y)), ("r", "7"),
                ])
            entry(mark.name, &svg)
        }
    }
}
