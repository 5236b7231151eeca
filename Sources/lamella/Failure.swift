import ArgumentParser
import Glibc

/// How a command fails: one sentence on standard error and an exit code that tells failure.
enum Failure {
    /// Runs the body; an error of ours ends the command with its sentence, without a usage text that nobody asked for.
    static func inOneSentence<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as ExitCode {
            throw error
        } catch let error as CleanExit {
            throw error
        } catch let error as ValidationError {
            throw error
        } catch {
            print(error)
            throw ExitCode.failure
        }
    }

    static func print(_ error: any Error) {
        let line = Array("lamella: \(error)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
