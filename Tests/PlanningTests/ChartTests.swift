import Planning
import Testing

@Suite struct ChartTests {
    private static func svg(_ points: [(x: Double, y: Double)], name: String = "plans") -> String {
        Chart(
            "a < b & \"c\"", horizontal: ChartAxis("latency", unit: "s"), vertical: ChartAxis("energy", unit: "J"),
            series: [Chart.Series(name, .front, points)], marks: []
        ).svg
    }

    /// Every element that is opened is closed, in order.
    private static func isBalanced(_ svg: String) -> Bool {
        var open: [Substring] = []
        for part in svg.split(separator: "<").dropFirst(0) {
            guard let name = part.split(whereSeparator: { $0 == " " || $0 == ">" || $0 == "/" }).first else {
                return false
            }
            if part.first == "/" {
                guard open.popLast() == name else { return false }
            } else if !part.split(separator: ">", omittingEmptySubsequences: false)[0].hasSuffix("/") {
                open.append(name)
            }
        }
        return open.isEmpty
    }

    @Test func `text is escaped and elements are closed`() {
        let svg = Self.svg([(1, 2), (2, 1)], name: "<script>\u{1}")
        #expect(svg.contains("a &lt; b &amp; &quot;c&quot;"))
        #expect(svg.contains("&lt;script&gt;?"))
        #expect(Self.isBalanced(svg))
    }

    @Test(arguments: [
        [(x: 0.0, y: 0.0)], [(x: 1.0, y: 1.0), (x: 1.0, y: 1.0)], [(x: 1e-9, y: 1e12), (x: 2e-9, y: 2e12)], [],
        [(x: .nan, y: 1.0), (x: 3.0, y: .infinity)],
    ])
    func `any values can be drawn`(points: [(x: Double, y: Double)]) {
        let svg = Self.svg(points)
        #expect(Self.isBalanced(svg))
        #expect(!svg.contains("nan"))
        #expect(!svg.contains("inf"))
    }

    @Test func `axes are labelled in round numbers with the unit that suits them`() {
        let svg = Self.svg([(0.0123, 4.1), (0.0217, 5.9)])
        #expect(svg.contains("latency in ms"))
        #expect(svg.contains("energy in J"))
        for label in [">12<", ">14<", ">20<", ">4.50<", ">5.50<"] { #expect(svg.contains(label), "\(label)") }
    }
}
