import Glibc

/// Why the weight store could not do what was asked, in one sentence.
public struct WeightStoreError: Error, CustomStringConvertible, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The blob is not in the store.
        case missing
        /// The bytes are not those that the name stands for.
        case corrupt
        /// The store's own limit or the disk is reached.
        case full
        /// The file system refuses.
        case system
    }

    public let kind: Kind
    public let sentence: String

    public init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    public var description: String { sentence }

    /// From `errno`, right after the call that failed.
    static func system(_ doing: String, _ path: String, code: Int32 = errno) -> WeightStoreError {
        if code == ENOSPC || code == EDQUOT || code == EFBIG {
            return WeightStoreError(.full, "cannot \(doing) \(path): the disk is full; free some space there")
        }
        return WeightStoreError(.system, "cannot \(doing) \(path): \(String(cString: strerror(code)))")
    }
}
