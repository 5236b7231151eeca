import Foundation
import ONNXImport
import TestbedKit
import Testing

/// Profiles of a model, measured on boards as a person would before agents run.
enum BoardProfiles {
    /// Names a folder with profiles, which is filled with those that it lacks.
    private static let kept = ProcessInfo.processInfo.environment["LAMELLA_PROFILES"]

    /// Measures boards at the same time: their quotas leave each what it has.
    ///
    /// - Parameters:
    ///   - model: a file with weights.
    ///   - name: of the model on such boards, in the folder of profiles.
    ///   - atOnce: so many boards, in order, where no quota keeps them apart (nil: all).
    ///   - options: of `lamella profile`, for a board.
    static func measure(
        _ bed: Testbed, model: String, name: String, atOnce: Int? = nil,
        options: @escaping @Sendable (TestbedBoard) -> [String]
    ) async throws {
        let sha256 = try ImportedModel.load(path: model).graphSHA256()
        let atOnce = atOnce ?? bed.boards.count
        for first in stride(from: 0, to: bed.boards.count, by: atOnce) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for board in bed.boards[first..<min(first + atOnce, bed.boards.count)] {
                    tasks.addTask {
                        let profiles = "\(board.folder)/state/profiles"
                        let file = kept.map { "\($0)/\(name)-\(board.node).csv" }
                        try FileManager.default.createDirectory(atPath: profiles, withIntermediateDirectories: true)
                        if let file, FileManager.default.fileExists(atPath: file) {
                            try FileManager.default.copyItem(atPath: file, toPath: "\(profiles)/\(sha256).csv")
                            return
                        }
                        let (output, errors, exit) = try await Beds.run(
                            board,
                            [
                                Beds.program, "profile", model, "--config", board.configurationPath, "--quick",
                                // The boards' powers are stated; a sensor's window for each bundle takes many minutes.
                                "--power-sensor", "none", "--boards", Files.path("firmware-config/boards"),
                            ] + options(board))
                        #expect(exit == .code(0), "\(board.node): \(output) \(errors)")
                        if let file {
                            try FileManager.default.copyItem(atPath: "\(profiles)/\(sha256).csv", toPath: file)
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }
}
