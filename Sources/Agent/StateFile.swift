import Board
import Cluster
import JSON
import NIOPosix

/// What the cluster's state machine keeps on disk.
struct StateFile: Sendable {
    static let name = "cluster-state.json"

    var path: String

    init(directory: String) { path = "\(directory)/\(Self.name)" }

    /// The state kept by the last start; a fresh one where there is no file.
    ///
    /// - Throws: where the file is there but cannot be read: to go on without it could break a promise that was
    ///   made under a higher term.
    func load() async throws -> StoredState {
        let path = path
        return try await NIOThreadPool.singleton.runIfActive {
            guard let bytes = try Self.bytes(of: path) else { return StoredState() }
            do {
                return try JSON.decode(StoredState.self, from: bytes, limits: .document)
            } catch {
                throw ConfigurationError(
                    "\(path): the state of the last start cannot be read (\(error)); restore it, or remove the file to "
                        + "join as a new board")
            }
        }
    }

    /// Returns once the state is durable.
    func save(_ state: StoredState) async throws {
        let path = path
        let bytes = Array(try JSON.encode(state, pretty: true).utf8)
        try await NIOThreadPool.singleton.runIfActive {
            try FileBytes.writeDurably(bytes, to: path)
        }
    }

    private static func bytes(of path: String) throws -> [UInt8]? {
        guard FileBytes.exists(path) else { return nil }
        return try FileBytes.read(path, maximumBytes: JSONLimits.document.maximumBytes)
    }
}
