/// Why a private broker is not there, in one sentence that says what to do.
public enum PrivateBrokerError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(tried: [String])
    case portInUse(port: Int)
    case noFreePort(String)
    case folder(path: String, problem: String)
    /// The program started and ended again, with the last lines that it wrote.
    case ended(port: Int, status: String, log: String)
    case notReady(port: Int, waited: Duration, log: String)
    case notStarted(executable: String, problem: String)

    public var description: String {
        switch self {
        case .missing(let tried):
            "the MQTT broker mosquitto was not found (tried \(tried.joined(separator: ", "))): apt install mosquitto"
        case .portInUse(let port):
            "port \(port) of 127.0.0.1 is in use by another program: stop it or choose another port"
        case .noFreePort(let problem): "no free port on 127.0.0.1 for the MQTT broker: \(problem)"
        case .folder(let path, let problem): "\(path): the MQTT broker's folder cannot be used: \(problem)"
        case .ended(let port, let status, let log):
            "mosquitto on port \(port) ended at once (\(status))" + (log.isEmpty ? "" : ": \(log)")
        case .notReady(let port, let waited, let log):
            "mosquitto on port \(port) accepted no connection within \(waited)" + (log.isEmpty ? "" : ": \(log)")
        case .notStarted(let executable, let problem): "\(executable) could not be started: \(problem)"
        }
    }
}
