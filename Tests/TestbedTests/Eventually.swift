import TestbedKit

/// Waits for what only shows in files: looked at again and again, as the kernel tells of no change.
func eventually(
    _ what: String, within patience: Duration = .seconds(60), _ isTrue: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !isTrue() {
        guard ContinuousClock.now < deadline else { throw TestbedError("waited \(patience) in vain until \(what)") }
        try await Task.sleep(for: .milliseconds(50))
    }
}
