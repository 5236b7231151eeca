import Board
import Cluster
import JSON

/// The highest plan accepted for each model, on disk: a runner that starts again refuses what is older.
enum AcceptedPlans {
    private struct File: Codable {
        var schema: String
        var accepted: [StoredState.AcceptedPlan]
    }

    private static let schema = "lamella/runner-plans/1"

    static func read(_ path: String) throws -> [StoredState.AcceptedPlan] {
        guard FileBytes.exists(path) else { return [] }
        let bytes = try FileBytes.read(path, maximumBytes: JSONLimits.message.maximumBytes)
        do {
            let file = try JSON.decode(File.self, from: bytes)
            guard file.schema == schema else { throw TransportError("its schema is \(file.schema), not \(schema)") }
            return file.accepted
        } catch {
            throw TransportError("\(path) cannot be read: \(error); delete it if this board runs no plan")
        }
    }

    static func write(_ accepted: [StoredState.AcceptedPlan], to path: String) throws {
        let text = try JSON.encode(File(schema: schema, accepted: accepted))
        try FileBytes.writeDurably(Array(text.utf8), to: path)
    }
}
