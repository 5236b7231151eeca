/// Writes SVG: elements with attributes in the order given, text escaped, numbers with at most two decimals.
public struct SVGText: Sendable {
    private var lines: [String] = []
    private var depth = 0

    public init() {}

    public var text: String { lines.joined(separator: "\n") + "\n" }

    /// A whole picture: its size, its title for those who see it and those who hear it, its ground, and what
    /// `content` draws.
    ///
    /// - Parameter titleX: where the title begins.
    public static func picture(
        title: String, titleX: Double, width: Double, height: Double, style: String,
        content: (inout SVGText) -> Void
    ) -> String {
        var text = SVGText()
        text.element(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("width", number(width)), ("height", number(height)),
                ("viewBox", "0 0 \(number(width)) \(number(height))"), ("role", "img"),
            ]
        ) { svg in
            svg.element("title", [], text: title)
            svg.raw(style)
            svg.element("rect", [("class", "paper"), ("width", "100%"), ("height", "100%")])
            svg.element("text", [("class", "title"), ("x", number(titleX)), ("y", "26")], text: title)
            content(&svg)
        }
        return text.text
    }

    /// An element without content.
    public mutating func element(_ name: String, _ attributes: [(String, String)]) {
        add("<\(name)\(Self.attributes(attributes))/>")
    }

    /// An element that holds text.
    public mutating func element(_ name: String, _ attributes: [(String, String)], text: String) {
        add("<\(name)\(Self.attributes(attributes))>\(Self.escaped(text))</\(name)>")
    }

    /// An element that holds what `content` writes.
    public mutating func element(
        _ name: String, _ attributes: [(String, String)], content: (inout SVGText) -> Void
    ) {
        add("<\(name)\(Self.attributes(attributes))>")
        depth += 1
        content(&self)
        depth -= 1
        add("</\(name)>")
    }

    /// Text that is SVG or CSS already.
    public mutating func raw(_ text: String) { for line in text.split(separator: "\n") { add(String(line)) } }

    /// A coordinate.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        var text = FigureText.fixed(value, decimals: 2)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// `x1,y1 x2,y2 …`
    public static func points(_ points: [(x: Double, y: Double)]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // Other control characters are not allowed in XML.
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}": escaped += "?"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func attributes(_ attributes: [(String, String)]) -> String {
        attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    }

    private mutating func add(_ line: String) { lines.append(String(repeating: "  ", count: depth) + line) }
}
