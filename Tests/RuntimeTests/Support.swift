import Cluster
import Costs
import Foundation
import Logging
import ModelGraph
import NIOCore
import NIOPosix
import ONNXImport
import Runtime
import Testing

/// What the tests of this target share.
enum Support {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    static func fixture(_ path: String) -> String { fixtures + "/" + path }

    /// A folder of its own for one test, deleted afterwards.
    static func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    static func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }

    static func makeFolder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// How far a split model's result may be from the unsplit one's, relative to the largest magnitude of that.
    static let tolerance = 1e-4

    static let runtime = Result { try OnnxRuntime.load() }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: fixture(path))))
    }

    /// Uniform values from a seed, as a tensor.
    static func randomTensor(shape: [Int], seed: UInt64) -> Tensor {
        var generator = SeededGenerator(seed: seed)
        return Tensor(
            shape: shape,
            floats: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }

    /// Largest difference, relative to the largest magnitude of the expected values.
    static func relativeDifference(_ actual: Tensor, _ expected: Tensor) -> Double {
        guard let actual = actual.floats, let expected = expected.floats, actual.count == expected.count else {
            return .infinity
        }
        let scale = expected.map { abs(Double($0)) }.max() ?? 0
        let difference = zip(actual, expected).map { abs(Double($0) - Double($1)) }.max() ?? 0
        return difference.isNaN ? .infinity : difference / max(scale, 1e-30)
    }

    static func key(_ request: UInt64 = 1, term: UInt64 = 1, sequence: UInt64 = 1, attempt: UInt32 = 0) -> RequestKey {
        RequestKey(
            plan: PlanID(term: term, leader: "leader", sequence: sequence), request: request, attempt: attempt)
    }
}

/// Collects values from any thread; a test waits for the one that it wants, never for a time.
final class Events<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = LockedBox(State())

    func add(_ value: Value) {
        let waiters = state.withLock { state in
            state.values.append(value)
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }

    var all: [Value] { state.withLock { $0.values } }

    /// The first value that fits, now or later.
    @discardableResult
    func first<Result>(_ fits: (Value) -> Result?) async -> Result {
        var seen = 0
        while true {
            let values = all
            for value in values[seen...] {
                if let result = fits(value) { return result }
            }
            seen = values.count
            await withCheckedContinuation { continuation in
                let already = state.withLock { state in
                    if state.values.count > seen { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if already { continuation.resume() }
            }
        }
    }
}

/// A value behind a lock.
final class LockedBox<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
