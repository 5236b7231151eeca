import JSON
import TestKit
import Testing

@Suite("JSON under mutation")
struct JSONFuzzTests {
    static let samples: [String] = [
        #"{"id":"A","kind":"hub","parts":[{"name":"cpu","memory_bytes":1}],"speed":0.1,"term":1,"mains":false,"#
            + #""nested":[[1]],"costs":{"a":2}}"#,
        #"[1,-2.5e10,"é\u00e9\ud83d\ude00",null,true,{"a":{"b":[[],{}]}}]"#,
    ]

    @Test("mutated texts are read or refused; what is read prints and reads back the same", arguments: 0..<16)
    func mutated(seed: UInt64) throws {
        var mutator = ByteMutator(
            seed: seed, interesting: Array("[]{},:\"\\0-e.u\0\u{7f}".utf8) + [0x80, 0xC3, 0xED, 0xFF],
            maximumBytes: 4096)
        var accepted = 0
        var refused = 0
        for round in 0..<500 {
            let bytes = mutator.mutate(Array(Self.samples[round % Self.samples.count].utf8))
            do {
                let value = try JSON.parse(bytes, limits: JSONLimits(maximumBytes: 2048, maximumDepth: 16))
                #expect(try JSON.parse(JSON.text(value)) == value)
                accepted += 1
            } catch {
                #expect(!error.description.isEmpty)
                refused += 1
            }
            _ = try? JSON.decode(Board.self, from: bytes)
        }
        #expect(accepted + refused == 500)
        #expect(refused > 0)
    }
}
