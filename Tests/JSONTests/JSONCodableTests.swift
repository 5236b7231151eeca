import JSON
import Testing

struct Board: Codable, Equatable {
    enum Kind: String, Codable { case edge, hub }
    struct Part: Codable, Equatable {
        var name: String
        var memoryBytes: Int
        enum CodingKeys: String, CodingKey {
            case name
            case memoryBytes = "memory_bytes"
        }
    }

    var id: String
    var kind: Kind = .edge
    var parts: [Part] = []
    var speed: Double = 1.5
    var term: UInt64 = 1
    var zone: String?
    var mains = true
    var nested: [[Int]] = []
    var costs: [String: Double] = [:]
}

@Suite("JSON and Codable")
struct JSONCodableTests {
    static let full = Board(
        id: "A", kind: .hub, parts: [.init(name: "cpu", memoryBytes: 1), .init(name: "gpu", memoryBytes: 2)],
        speed: 0.1,
        term: UInt64(Int64.max), zone: "CY", mains: false, nested: [[1], [], [2, 3]], costs: ["b": 1, "a": 2, "c": 0.5])

    @Test("members are written in the order of their declaration, and dictionaries are sorted")
    func order() throws {
        #expect(
            try JSON.encode(Self.full) == """
                {"id":"A","kind":"hub","parts":[{"name":"cpu","memory_bytes":1},{"name":"gpu","memory_bytes":2}],\
                "speed":0.1,"term":9223372036854775807,"zone":"CY","mains":false,"nested":[[1],[],[2,3]],\
                "costs":{"a":2.0,"b":1.0,"c":0.5}}
                """)
    }

    @Test("a value without its optional member is written without it")
    func missingOptional() throws {
        #expect(try !JSON.encode(Board(id: "A")).contains("zone"))
    }

    @Test("a value reads back equal", arguments: [full, Board(id: ""), Board(id: "é\"\\\n")])
    func roundTrip(board: Board) throws {
        #expect(try JSON.decode(Board.self, from: Array(JSON.encode(board).utf8)) == board)
        #expect(try JSON.decode(Board.self, from: Array(JSON.encode(board, pretty: true).utf8)) == board)
    }

    @Test("members that the type does not know are ignored")
    func unknownMembers() throws {
        var value = try JSON.value(of: Self.full)
        guard case .object(var members) = value else { throw JSONError(.mismatch, "not an object") }
        members.insert(JSONMember("future", ["deep": [1, nil]]), at: 0)
        value = .object(members)
        #expect(try JSON.decode(Board.self, from: value) == Self.full)
    }

    static let mismatches: [(String, String)] = [
        (#"[]"#, "expected an object, found an array"),
        (#"1"#, "expected an object, found an integer"),
        (#"{}"#, "id: is missing"),
        (#"{"id":1}"#, "id: expected a string, found an integer"),
        (#"{"id":null}"#, "id: expected a string, found null"),
        (#"{"id":"A","kind":1}"#, "kind: expected a string, found an integer"),
        (#"{"id":"A","kind":"edge","parts":{}}"#, "parts: expected an array, found an object"),
        (#"{"id":"A","kind":"edge","parts":[1]}"#, "parts[0]: expected an object, found an integer"),
        (
            #"{"id":"A","kind":"edge","parts":[{"name":"a","memory_bytes":1},{"name":"b"}]}"#,
            "parts[1].memory_bytes: is missing"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[{"name":"a","memory_bytes":"1"}]}"#,
            "parts[0].memory_bytes: expected an integer, found a string"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[{"name":"a","memory_bytes":1.5}]}"#,
            "parts[0].memory_bytes: expected an integer, found a number"
        ),
        (#"{"id":"A","kind":"edge","parts":[],"speed":"x"}"#, "speed: expected a number, found a string"),
        (
            #"{"id":"A","kind":"edge","parts":[],"speed":1,"term":-1}"#,
            "term: expected an integer from 0 to 18446744073709551615, found -1"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[],"speed":1,"term":1,"zone":3}"#,
            "zone: expected a string, found an integer"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[],"speed":1,"term":1,"mains":0}"#,
            "mains: expected a boolean, found an integer"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[],"speed":1,"term":1,"mains":true,"nested":[[1],[2,true]]}"#,
            "nested[1][1]: expected an integer, found a boolean"
        ),
        (
            #"{"id":"A","kind":"edge","parts":[],"speed":1,"term":1,"mains":true,"nested":[],"costs":{"a":"x"}}"#,
            "costs.a: expected a number, found a string"
        ),
    ]

    @Test("a mismatch is one sentence with the exact path", arguments: mismatches)
    func mismatch(text: String, sentence: String) throws {
        let error = try #require(throws: JSONError.self) { try JSON.decode(Board.self, from: Array(text.utf8)) }
        #expect(error.description == sentence)
        #expect(error.kind == .mismatch)
    }

    @Test("an unknown case of an enumeration is refused with its path and value")
    func unknownCase() throws {
        let error = try #require(throws: JSONError.self) {
            try JSON.decode(Board.self, from: Array(#"{"id":"A","kind":"cloudy"}"#.utf8))
        }
        #expect(error.path == "kind")
        #expect(error.description.contains("cloudy"))
    }

    @Test("an integer above 64 bits signed is refused by its path when it is written")
    func largeUnsigned() throws {
        let board = Board(id: "A", term: UInt64(Int64.max) + 1)
        let error = try #require(throws: JSONError.self) { try JSON.encode(board) }
        #expect(error.path == "term")
        #expect(error.kind == .unencodable)
        #expect(error.description.contains("9223372036854775808"))
    }

    @Test("a number that is not finite is refused by its path", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) throws {
        let error = try #require(throws: JSONError.self) { try JSON.encode(Board(id: "A", costs: ["x": number])) }
        #expect(error.path == "costs.x")
        #expect(try #require(throws: JSONError.self) { try JSON.encode([1, number]) }.path == "[1]")
    }

    @Test("a number without a fraction is read as an integer, as JSON Schema says")
    func integralNumbers() throws {
        #expect(try JSON.decode([Int].self, from: Array("[1e9,2.0,-0.0]".utf8)) == [1_000_000_000, 2, 0])
        #expect(throws: JSONError.self) { try JSON.decode(Int.self, from: Array("1e19".utf8)) }
    }

    @Test("integers of every width are checked for their range")
    func widths() throws {
        #expect(try JSON.decode(UInt8.self, from: Array("255".utf8)) == 255)
        #expect(throws: JSONError.self) { try JSON.decode(UInt8.self, from: Array("256".utf8)) }
        #expect(try JSON.decode(Int8.self, from: Array("-128".utf8)) == -128)
        #expect(throws: JSONError.self) { try JSON.decode(Int8.self, from: Array("-129".utf8)) }
        #expect(throws: JSONError.self) { try JSON.decode(UInt32.self, from: Array("-1".utf8)) }
        #expect(try JSON.decode(Int64.self, from: Array("9223372036854775807".utf8)) == .max)
        #expect(try JSON.decode(Float.self, from: Array("0.5".utf8)) == 0.5)
    }

    @Test("scalars, arrays and optionals stand alone as documents")
    func standalone() throws {
        #expect(try JSON.encode("a") == "\"a\"")
        #expect(try JSON.encode([1, 2]) == "[1,2]")
        #expect(try JSON.encode([Int?.none, 1]) == "[null,1]")
        #expect(try JSON.decode([Int?].self, from: Array("[null,1]".utf8)) == [nil, 1])
        #expect(try JSON.decode([String: [Int]].self, from: Array(#"{"a":[1],"b":[]}"#.utf8)) == ["a": [1], "b": []])
    }

    @Test("an object with many members is read by its names")
    func manyMembers() throws {
        let many = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("key\($0)", $0) })
        #expect(try JSON.decode([String: Int].self, from: JSON.value(of: many)) == many)
    }

    @Test("a message above the limit of messages is refused, a document of that size is read")
    func limits() throws {
        let text = Array(("\"" + String(repeating: "a", count: 300_000) + "\"").utf8)
        #expect(throws: JSONError.self) { try JSON.decode(String.self, from: text) }
        #expect(try JSON.decode(String.self, from: text, limits: .document).utf8.count == 300_000)
    }
}
