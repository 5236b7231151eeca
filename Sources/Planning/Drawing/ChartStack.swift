/// Charts below each other in one picture.
public struct ChartStack: Sendable {
    public var charts: [Chart]

    public init(_ charts: [Chart]) { self.charts = charts }

    public var svg: String {
        var body = ""
        var y = 0.0
        for chart in charts {
            // A picture inside a picture keeps its own coordinates.
            let inner = chart.svg
            let opening = "<svg "
            guard let start = inner.firstRange(of: opening) else { continue }
            body += "<svg y=\"\(SVGText.number(y))\" " + inner[start.upperBound...]
            y += chart.height
        }
        let size = "width=\"\(SVGText.number(Chart.pictureWidth))\" height=\"\(SVGText.number(y))\""
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size)>\n\(body)</svg>\n"
    }
}
