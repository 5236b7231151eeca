import Foundation
import JSON
import MQTT
import TestKit
import Testing

@Suite("Payloads and their JSON Schemas")
struct SchemaTests {
    private static let documents = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs")

    private static func load() throws -> JSONSchemas {
        let folder = documents.appendingPathComponent("schemas")
        var files: [String: JSONValue] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".schema.json") {
            files[name] = try JSON.parse(Array(try Data(contentsOf: folder.appendingPathComponent(name))))
        }
        return JSONSchemas(files: files)
    }

    /// The schema of a topic; nil where the topic's payload is not used yet.
    private static func schema(of topic: Topic) -> String? {
        switch topic {
        case .nodeState: "node-state.schema.json"
        case .nodeCapabilities: "capabilities.schema.json"
        case .nodeInbox: "gossip.schema.json"
        case .leader: "leader.schema.json"
        case .plan: "plan.schema.json"
        case .planEvent: "plan-event.schema.json"
        case .model: "model.schema.json"
        case .command(Topic.replan): "replan-request.schema.json"
        case .commandReply(Topic.replan, _): "replan-reply.schema.json"
        case .nodeMetrics: "metrics.schema.json"
        case .zoneCarbon: "zone-carbon.schema.json"
        case .nodeCarbon: "node-carbon.schema.json"
        case .command, .commandReply: nil
        }
    }

    private static func value(_ payload: [UInt8], on topic: Topic) throws -> JSONValue {
        if case .nodeState = topic { return .string(String(decoding: payload, as: UTF8.self)) }
        return try JSON.parse(payload)
    }

    /// Payload and schema of every sample that is not empty.
    private static func samples() throws -> [(value: JSONValue, schema: String)] {
        try Samples.outbound.compactMap { message in
            let payload = try message.publication(in: Samples.cluster).payload
            guard !payload.isEmpty, let schema = schema(of: message.topic) else { return nil }
            return (try value(payload, on: message.topic), schema)
        }
    }

    @Test("everything that is sent fits its schema, which names every member of it")
    func samplesFit() throws {
        let schemas = try Self.load()
        let samples = try Self.samples()
        for (value, schema) in samples {
            let problems = schemas.problems(of: value, file: schema, closed: true)
            #expect(problems.isEmpty, "\(schema): \(problems) in \(JSON.text(value))")
        }
        #expect(Set(samples.map(\.schema)).count == 11)
    }

    @Test("a payload without a required member, with a member of another kind, or of another schema does not fit")
    func negatives() throws {
        let schemas = try Self.load()
        var refused = 0
        for (value, schema) in try Self.samples() {
            guard case .object(let members) = value else { continue }
            for index in members.indices {
                var wrongKind = members
                wrongKind[index].value = [[[]]]
                #expect(
                    !schemas.problems(of: .object(wrongKind), file: schema).isEmpty, "\(schema) \(members[index].key)")
                var missing = members
                missing.remove(at: index)
                if !schemas.problems(of: .object(missing), file: schema).isEmpty { refused += 1 }
            }
            #expect(!schemas.problems(of: .object(members), file: "node-state.schema.json").isEmpty)
        }
        #expect(refused > 100)
        #expect(!schemas.problems(of: "onlin", file: "node-state.schema.json").isEmpty)
    }

    @Test(
        "what a schema requires and refuses, the decoder does too",
        arguments: [
            ("leader", #"{"schema":"lamella/leader/1","node":"a","generation":1}"#),
            ("leader", #"{"schema":"lamella/leader/9","node":"a","term":1,"generation":1}"#),
            ("leader", #"{"schema":"lamella/leader/1","node":"a","term":-1,"generation":1}"#),
            ("leader", #"{"schema":"lamella/leader/1","node":"a","term":1.5,"generation":1}"#),
            (
                "plan/m/event",
                #"{"schema":"lamella/plan-event/1","model":"m","event":"x","#
                    + #""reason":"","term":1,"sequence":1,"node":"a"}"#
            ),
            ("command/replan", #"{"objective":"beauty"}"#), ("command/replan", #"{"model":7}"#),
            ("command/replan", "[]"),
            (
                "command/replan/reply/c",
                #"{"schema":"lamella/replan-reply/1","client":"c","outcome":"maybe","reason":""}"#
            ),
            (
                "node/a/inbox",
                #"{"schema":"lamella/gossip/1","kind":"ping","from":"b","generation":1,"incarnation":0,"term":0}"#
            ),
            (
                "node/a/inbox",
                #"{"schema":"lamella/gossip/1","kind":"shout","from":"b","generation":1,"incarnation":0,"term":0}"#
            ),
            ("node/a/state", "asleep"), ("command/replan", #"{"constraints":{"maximum_latency_s":"soon"}}"#),
            ("command/replan", #"{"constraints":{"maximum_energy":[{"device":"a"}]}}"#),
            ("zone/CY/carbon", #"{"schema":"lamella/zone-carbon/1","zone":"CY","intensity_g_per_kwh":1}"#),
            (
                "zone/CY/carbon",
                #"{"schema":"lamella/zone-carbon/1","zone":"CY","intensity_g_per_kwh":-1,"source":"x","#
                    + #""emission_factor_type":"direct","kind":"average","at":"2026-11-21T00:00:00Z","#
                    + #""valid_until":"2026-11-21T01:00:00Z"}"#
            ),
            (
                "zone/CY/carbon",
                #"{"schema":"lamella/zone-carbon/1","zone":"CY","intensity_g_per_kwh":1,"source":"x","#
                    + #""emission_factor_type":"all","kind":"average","at":"2026-11-21T00:00:00Z","#
                    + #""valid_until":"2026-11-21T01:00:00Z"}"#
            ),
            ("node/a/carbon", #"{"schema":"lamella/node-carbon/1","node":"a","zone":"CY","source":"x"}"#),
        ])
    func sameRefusals(topic: String, payload: String) throws {
        let text = "lamella/v1/home/\(topic)"
        let schema = try #require(Self.schema(of: Topic(text, in: "home")))
        let value = try Self.value(Array(payload.utf8), on: Topic(text, in: "home"))
        #expect(try !Self.load().problems(of: value, file: schema).isEmpty)
        #expect(throws: PayloadError.self) {
            try InboundMessage(topic: text, payload: Array(payload.utf8), in: "home")
        }
    }

    @Test("the examples of docs/topics.md are what it says: readable by us, and fit their schemas")
    func documentedExamples() throws {
        let schemas = try Self.load()
        let text = try String(contentsOf: Self.documents.appendingPathComponent("topics.md"), encoding: .utf8)
        var documented: Set<String> = []
        // The topic stands in the first line of a block, the payload in the others.
        for block in text.components(separatedBy: "```text\n").dropFirst() {
            let block = block.components(separatedBy: "\n```")[0]
            let parts = block.split(separator: "\n", maxSplits: 1).map(String.init)
            let payload = Array((parts.count > 1 ? parts[1] : "").utf8)
            let message = try InboundMessage(topic: parts[0], payload: payload, in: "home")
            let topic = try Topic(parts[0], in: "home")
            guard let schema = Self.schema(of: topic) else {
                Issue.record("\(parts[0]) has no schema, yet an example: \(message)")
                continue
            }
            let problems = schemas.problems(of: try Self.value(payload, on: topic), file: schema, closed: true)
            #expect(problems.isEmpty, "\(parts[0]): \(problems)")
            documented.insert(schema)
            #expect(text.contains("schemas/\(schema)"), "docs/topics.md does not name \(schema)")
        }
        #expect(documented.count == 12)
    }

    static let checks: [(schema: String, fits: String, fails: [String])] = [
        (#"{"type":"integer"}"#, "1.0", ["1.5", "\"1\"", "null", "true"]),
        (#"{"type":"number","minimum":0,"maximum":2}"#, "2", ["-0.1", "2.1"]),
        (#"{"exclusiveMinimum":0}"#, "0.1", ["0", "-1"]),
        (#"{"enum":["a",1]}"#, "1", ["2", "\"b\""]),
        (#"{"const":{"a":1}}"#, #"{"a":1}"#, [#"{"a":2}"#, "1"]),
        (#"{"type":"string","minLength":1,"maxLength":2}"#, "\"é\"", ["\"\"", "\"abc\""]),
        (#"{"pattern":"^[0-9a-f]{2}$"}"#, "\"0a\"", ["\"0A\"", "\"0aa\""]),
        (
            #"{"format":"date-time"}"#, "\"2026-11-20T23:56:59.123Z\"",
            ["\"2026-11-20\"", "\"2026-11-20T23:56:59+01:00\""]
        ),
        (#"{"required":["a"],"properties":{"a":{"type":"null"}}}"#, #"{"a":null,"b":1}"#, ["{}", #"{"a":1}"#]),
        (#"{"items":{"type":"boolean"}}"#, "[true,false]", ["[true,1]"]),
        (#"{"oneOf":[{"type":"string"},{"minLength":2}]}"#, "\"a\"", ["\"ab\""]),
        (##"{"$ref":"#/$defs/x","$defs":{"x":{"type":"array"}}}"##, "[]", ["{}"]),
    ]

    @Test("the checker accepts what fits and refuses what does not", arguments: checks)
    func checker(schema: String, fits: String, fails: [String]) throws {
        let schemas = JSONSchemas(files: ["s": try JSON.parse(schema)])
        #expect(schemas.problems(of: try JSON.parse(fits), file: "s").isEmpty)
        for text in fails { #expect(!schemas.problems(of: try JSON.parse(text), file: "s").isEmpty, "\(text)") }
    }

    @Test(
        "the checker refuses schemas that it does not understand",
        arguments: [
            #"{"not":{}}"#, ##"{"$ref":"#/$defs/none"}"##, #"{"$ref":"other.json"}"#, ##"{"$ref":"#"}"##, "1",
        ])
    func checkerRefusesUnknown(schema: String) throws {
        let schemas = JSONSchemas(files: ["s": try JSON.parse(schema)])
        #expect(!schemas.problems(of: [:], file: "s").isEmpty)
        #expect(!schemas.problems(of: [:], file: "missing").isEmpty)
    }

    @Test("the checker reports members that a closed schema does not name")
    func closed() throws {
        let schemas = JSONSchemas(files: ["s": try JSON.parse(#"{"properties":{"a":{}}}"#)])
        #expect(schemas.problems(of: ["a": 1, "b": 2], file: "s").isEmpty)
        #expect(schemas.problems(of: ["a": 1, "b": 2], file: "s", closed: true).count == 1)
    }
}
