/// The tree below which the board module finds `/sys` and `/proc`: the machine's own, or one that stands in for it.
///
/// Paths given to its functions are those of the machine (`/sys/class/thermal`), whatever the root. All block.
public struct SystemRoot: Sendable {
    /// Bytes of one attribute; the kernel gives a page at most.
    public static let maximumAttributeBytes = 4096
    /// Bytes of a file below `/proc`.
    public static let maximumProcBytes = 1 << 16
    /// Entries of one folder.
    public static let maximumNames = 4096

    /// Empty for the machine's own root.
    public let path: String
    let files: any SystemFiles

    public init(path: String = "/", files: any SystemFiles = LinuxFiles()) {
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
        self.files = files
    }

    /// Where the file is as this process sees it.
    public func resolved(_ path: String) -> String { self.path + path }

    public func exists(_ path: String) -> Bool { files.exists(resolved(path)) }

    /// Names in a folder, sorted; none where there is no such folder.
    func names(in folder: String) throws(SystemErrno) -> [String] {
        do throws(SystemErrno) {
            return try files.names(in: resolved(folder), maximumNames: Self.maximumNames)
        } catch {
            if error.isAbsence { return [] }
            throw error
        }
    }

    /// What is in a file, without the line's end and NUL at its end.
    ///
    /// - Throws: ``BoardFault``: missing, locked, empty, too long, not text, or failing.
    public func text(
        _ path: String, maximumBytes: Int = SystemRoot.maximumAttributeBytes
    ) throws(BoardFault) -> String {
        let bytes: [UInt8]
        do throws(SystemErrno) {
            bytes = try files.read(resolved(path), maximumBytes: maximumBytes)
        } catch {
            throw BoardFault(reading: path, error)
        }
        var end = bytes.endIndex
        while end > 0, [0, 9, 10, 13, 32].contains(bytes[end - 1]) { end -= 1 }
        guard end > 0 else { throw BoardFault(path, .empty, "the file is empty") }
        guard let text = String(validating: bytes[..<end], as: UTF8.self), !bytes[..<end].contains(0) else {
            throw BoardFault(path, .malformed, "the file holds no text")
        }
        return text
    }

    /// A whole decimal number within limits, in the file's own unit.
    ///
    /// - Throws: ``BoardFault``, also where there is no number or one that cannot be.
    public func integer(_ path: String, in range: ClosedRange<Int>) throws(BoardFault) -> Int {
        try Self.integer(try text(path), path, in: range)
    }

    static func integer(_ text: String, _ path: String, in range: ClosedRange<Int>) throws(BoardFault) -> Int {
        // `Int` also takes a sign; hexadecimal, fractions and units are not what the kernel writes.
        guard let value = Int(text) else {
            throw BoardFault(path, .malformed, "'\(BoardFault.excerpt(text))' is no whole number")
        }
        guard range.contains(value) else {
            throw BoardFault(
                path, .absurd, "\(value) cannot be; it should be from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
