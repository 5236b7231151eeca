import JSON
import Testing

@Suite("JSON value to text")
struct JSONTextTests {
    static let printed: [(JSONValue, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-12, "-12"),
        (.integer(.min), "-9223372036854775808"),
        (0.1, "0.1"), (.number(1), "1.0"), (1e22, "1e+22"), (.number(-0.0), "-0.0"), (.number(.nan), "null"),
        (.number(.infinity), "null"), ("", "\"\""), ("a b", "\"a b\""), ("é", "\"é\""), ("\"", "\"\\\"\""),
        ("\\", "\"\\\\\""),
        ("\n", "\"\\n\""), ("\u{1}", "\"\\u0001\""), ("\0", "\"\\u0000\""), ("\u{7F}", "\"\u{7F}\""),
        ("a/b", "\"a/b\""),
        ([], "[]"), ([1, "a", nil], "[1,\"a\",null]"), ([:], "{}"), (["b": 1, "a": [:]], "{\"b\":1,\"a\":{}}"),
    ]

    @Test("a value is printed in its shortest form", arguments: printed)
    func prints(value: JSONValue, text: String) {
        #expect(JSON.text(value) == text)
    }

    @Test("a pretty text is indented by two spaces a level, empty containers stay on one line")
    func pretty() {
        let value: JSONValue = ["a": 1, "b": [true, ["c": "x"]], "d": [], "e": [:]]
        let text = """
            {
              "a": 1,
              "b": [
                true,
                {
                  "c": "x"
                }
              ],
              "d": [],
              "e": {}
            }
            """
        #expect(JSON.text(value, pretty: true) == text)
    }

    @Test("every double of a seeded sample reads back with the same bits")
    func doublesRoundTrip() throws {
        var pattern: UInt64 = 0x1234_5678_9ABC_DEF0
        var checked = 0
        for _ in 0..<5000 {
            pattern = pattern &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: pattern ^ (pattern >> 29))
            guard number.isFinite else { continue }
            let back = try JSON.parse(JSON.text(.number(number)))
            #expect(back.numberValue?.bitPattern == number.bitPattern)
            checked += 1
        }
        #expect(checked > 4900)
    }

    @Test("every character of a plane with and without escapes reads back", arguments: [0, 1, 2, 14])
    func charactersRoundTrip(plane: UInt32) throws {
        let scalars = (0..<4096).compactMap { Unicode.Scalar(plane << 16 | UInt32($0)) }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        let value = JSONValue.string(String(text))
        #expect(try JSON.parse(JSON.text(value)) == value)
    }
}
