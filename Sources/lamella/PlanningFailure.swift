import ArgumentParser
import Glibc
import Planning

/// How the commands that plan end when they cannot: one sentence on standard error, and a code that says whether there
/// is no plan or something else went wrong.
enum PlanningFailure {
    /// Exit code where no plan exists, apart from that for a bad argument, file or solver.
    static let infeasibleExitCode: Int32 = 3

    static func reported(by command: String, _ work: () throws -> Void) throws {
        do {
            try work()
        } catch PlanningError.infeasible(let sentence) {
            complain(command, sentence)
            throw ExitCode(infeasibleExitCode)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            complain(command, "\(error)")
            throw ExitCode.failure
        }
    }

    private static func complain(_ command: String, _ sentence: String) {
        let line = Array("lamella \(command): \(sentence)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
