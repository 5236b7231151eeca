/// What everything that a bed makes on the machine is named after: the process that made it, and a number that no
/// other bed of this machine has.
package struct BedName: Sendable, Hashable {
    /// The number is part of addresses and of the names of interfaces, which have 15 characters.
    static let maximumNumber = 63
    static let boardNameLimit = 40

    package var process: Int
    package var number: Int

    /// Of folders and control groups.
    package var text: String { "lamella-\(process)-\(number)" }
    package var bridge: String { "lm\(process)n\(number)" }
    package func namespace(of board: String) -> String { "\(text)-\(board)" }
    package func port(_ index: Int) -> String { "\(bridge)v\(index)" }
    package var folder: String { "\(Self.folders)/lamella-testbed-\(process)-\(number)" }

    static let folders = "/tmp"

    /// The bed of a control group or a namespace: `lamella-12-3`, `lamella-12-3-pi`.
    package init?(groupOrNamespace name: String) {
        guard name.hasPrefix("lamella-") else { return nil }
        self.init(rest: name.dropFirst("lamella-".count), separator: "-", endsWithNumber: false)
    }

    /// The bed of a bridge or one of its ports: `lm12n3`, `lm12n3v0`.
    package init?(interface name: String) {
        guard name.hasPrefix("lm") else { return nil }
        let rest = name.dropFirst(2)
        let bridge = rest.prefix { $0 != "v" }
        self.init(rest: bridge, separator: "n", endsWithNumber: true)
    }

    /// The bed of a folder in `folders`.
    package init?(folder name: String) {
        guard name.hasPrefix("lamella-testbed-") else { return nil }
        self.init(rest: name.dropFirst("lamella-testbed-".count), separator: "-", endsWithNumber: true)
    }

    package init(process: Int, number: Int) {
        self.process = process
        self.number = number
    }

    private init?(rest: Substring, separator: Character, endsWithNumber: Bool) {
        let parts = rest.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count >= 2, !endsWithNumber || parts.count == 2, let process = Int(parts[0]), process > 0,
            let number = Int(parts[1]), (0...Self.maximumNumber) ~= number
        else { return nil }
        self.init(process: process, number: number)
    }
}
