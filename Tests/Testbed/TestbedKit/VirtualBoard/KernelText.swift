import Glibc

/// Why the kernel refuses an operation on one of its files: an `errno`.
public struct KernelError: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: Int32

    public static let invalid = KernelError(code: EINVAL)
    public static let outOfRange = KernelError(code: ERANGE)
    public static let noAccess = KernelError(code: EACCES)
    public static let notPermitted = KernelError(code: EPERM)
    public static let noEntry = KernelError(code: ENOENT)
    public static let isFolder = KernelError(code: EISDIR)
    public static let noFolder = KernelError(code: ENOTDIR)
    public static let inputOutput = KernelError(code: EIO)
    public static let busy = KernelError(code: EBUSY)
    public static let interrupted = KernelError(code: EINTR)

    public var description: String { String(cString: strerror(code)) }
}

/// How the kernel reads what is written into its files.
package enum KernelText {
    /// As `kstrtoul` with base 0: decimal, `0x` or octal, an optional `+`, one newline at the end; nothing else.
    package static func number(_ bytes: [UInt8]) throws(KernelError) -> UInt64 {
        var rest = bytes[...]
        // The kernel's buffer ends at the first zero byte.
        if let end = rest.firstIndex(of: 0) { rest = rest[..<end] }
        if rest.last == UInt8(ascii: "\n") { rest = rest.dropLast() }
        if rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        var base: UInt64 = 10
        if rest.first == UInt8(ascii: "0"), rest.count > 1 {
            let second = rest[rest.index(after: rest.startIndex)]
            let isHexadecimal = second == UInt8(ascii: "x") || second == UInt8(ascii: "X")
            base = isHexadecimal ? 16 : 8
            rest = rest.dropFirst(isHexadecimal ? 2 : 1)
        }
        guard !rest.isEmpty else { throw .invalid }
        var value: UInt64 = 0
        for byte in rest {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte - UInt8(ascii: "A") + 10)
            default: throw .invalid
            }
            guard digit < base else { throw .invalid }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: base)
            let (sum, tooLargeToo) = product.addingReportingOverflow(digit)
            guard !tooLarge, !tooLargeToo else { throw .outOfRange }
            value = sum
        }
        return value
    }

    /// As `sscanf("%15s")`, with which cpufreq reads a governor: white space, then the first word, cut off after 15
    /// characters.
    static func word(_ bytes: [UInt8]) throws(KernelError) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let word = bytes.drop(while: isSpace).prefix { !isSpace($0) && $0 != 0 }.prefix(15)
        guard !word.isEmpty else { throw .invalid }
        return String(decoding: word, as: UTF8.self)
    }

    static func line(_ text: String) -> [UInt8] { Array("\(text)\n".utf8) }
    static func line(_ number: Int) -> [UInt8] { line("\(number)") }
}
