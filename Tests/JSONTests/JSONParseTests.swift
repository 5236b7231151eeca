import JSON
import Testing

@Suite("JSON text to value")
struct JSONParseTests {
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false), ("0", 0), ("-1", -1), (" 7 ", 7), ("\n\t\r1", 1),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9007199254740993", .integer(9_007_199_254_740_993)),
        ("1.5", 1.5), ("-0.0", .number(-0.0)), ("1e3", .number(1000)), ("1E-3", 0.001),
        ("5e-324", .number(.leastNonzeroMagnitude)),
        ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)), ("0.1", 0.1), ("123456789.125", 123456789.125),
        ("\"\"", ""), ("\"a\"", "a"), ("\"\\u00e9\"", "é"), ("\"é\"", "é"), ("\"\\ud83d\\ude00\"", "😀"), ("\"😀\"", "😀"),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"), ("\"a\\u0000b\"", "a\0b"),
        ("\"\\u2028\"", "\u{2028}"),
        ("[]", []), ("[1]", [1]), ("[1,2,[3]]", [1, 2, [3]]), ("[ null , true ]", [nil, true]),
        ("{}", [:]), ("{\"a\":1}", ["a": 1]), ("{\"b\":1,\"a\":2}", ["b": 1, "a": 2]),
        ("{\"z\":{\"y\":[{}]},\"a\":\"\"}", ["z": ["y": [[:]]], "a": ""]), ("{\"\":0}", ["": 0]),
        ("{\"plan/x\":\"/\"}", ["plan/x": "/"]),
    ]

    @Test("a valid text gives its value", arguments: accepted)
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test("printing and parsing a value gives the value again, on one line and pretty", arguments: accepted)
    func roundTrips(text: String, value: JSONValue) throws {
        #expect(try JSON.parse(JSON.text(value)) == value)
        #expect(try JSON.parse(JSON.text(value, pretty: true)) == value)
        #expect(!JSON.text(value).contains("\n"))
    }

    static let refused: [String] = [
        "", " ", "nul", "tru", "True", "NaN", "Infinity", "-Infinity", "+1", "01", "-", "1.", ".5", "1e", "1e+", "0x10",
        "1 2", "[1] x", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "{'a':1}", "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "\"", "\"a", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "\"\n\"", "\"\t\"",
        "// c\n1", "/* c */1", "# c", "\u{FEFF}1", "[1}", "{\"a\":1]", "nullnull", "truefalse", "\"a\"\"b\"",
        "9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "{\"a\\u0000b\":1}",
        "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "[{\"a\":1,\"\\u0061\":2}]", "\0", "[1]\0", "{\"a\":\0}",
    ]

    @Test("an invalid text is refused with line and column", arguments: refused)
    func refuses(text: String) throws {
        let error = try #require(throws: JSONError.self) { try JSON.parse(text) }
        guard case .syntax(let line, let column) = error.kind else {
            Issue.record("expected a syntax error, got \(error)")
            return
        }
        #expect(line >= 1 && column >= 1)
        #expect(error.description.hasPrefix("line \(line), column \(column): "))
    }

    static let badUnicode: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xC3], [0xE2, 0x82], [0xC3, 0x28],
    ]

    @Test("bytes that are no UTF-8 are refused in a string and as a key", arguments: badUnicode)
    func refusesBadUnicode(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.self) { try JSON.parse([quote] + bytes + [quote]) }
        #expect(throws: JSONError.self) { try JSON.parse(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) }
    }

    @Test("a duplicate key is named as the reason")
    func duplicateKeyIsNamed() throws {
        let error = try #require(throws: JSONError.self) { try JSON.parse("{\"a\":1,\n\"a\":2}") }
        #expect(error.description.contains("duplicate"))
        #expect(error.description.hasPrefix("line 2"))
    }

    @Test("a text one byte above the limit is refused before parsing, one at the limit is read")
    func byteLimit() throws {
        let limits = JSONLimits(maximumBytes: 5, maximumDepth: 4)
        #expect(try JSON.parse("[1,2]", limits: limits) == [1, 2])
        let error = try #require(throws: JSONError.self) { try JSON.parse("[1,2 ]", limits: limits) }
        #expect(error.kind == .limit)
        #expect(error.description == "the text has 6 bytes; at most 5 are allowed")
    }

    @Test("nesting at the limit is read, one deeper is refused", arguments: [1, 2, 31, 32, 64, 1000])
    func depthLimit(depth: Int) throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: depth)
        for (open, close, inner) in [("[", "]", ""), ("{\"a\":", "}", "1")] {
            let text = String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
            #expect(throws: Never.self) { try JSON.parse(text, limits: limits) }
            let deeper = open + text + close
            let error = try #require(throws: JSONError.self) { try JSON.parse(deeper, limits: limits) }
            #expect(error.kind == .limit)
            #expect(error.description.contains("\(depth) levels"))
        }
    }

    @Test("a million open brackets are refused without being parsed", arguments: ["[", "{\"a\":", "[{\"a\":["])
    func deepNesting(open: String) throws {
        let text = String(repeating: open, count: 1_000_000)
        let error = try #require(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error.kind == .limit)
    }

    @Test("brackets inside a string are no nesting")
    func bracketsInStrings() throws {
        let text = "\"" + String(repeating: "[{\\\"", count: 500) + "\""
        #expect(try JSON.parse(text, limits: .message).stringValue?.count == 1500)
    }

    @Test("members and elements are reached by subscripts, and what is not there is nil")
    func subscripts() throws {
        let value = try JSON.parse(#"{"a":[1,2.5,"x"],"b":{"c":true}}"#)
        #expect(value["a"]?[0]?.integerValue == 1)
        #expect(value["a"]?[1]?.numberValue == 2.5)
        #expect(value["a"]?[2]?.stringValue == "x")
        #expect(value["b"]?["c"] == true)
        #expect(value["a"]?[3] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["x"] == nil)
        #expect(value[0] == nil)
        #expect(value["a"]?["x"] == nil)
    }
}
