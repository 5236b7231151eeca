/// The part of a blob that an upload carries: `Content-Range: bytes 100-999/1000` (RFC 9110, section 14.4).
public struct ContentRange: Sendable, Equatable {
    public var offset: Int
    /// Bytes in this upload.
    public var byteCount: Int
    /// Bytes of the whole blob.
    public var totalBytes: Int

    public init(offset: Int, byteCount: Int, totalBytes: Int) {
        self.offset = offset
        self.byteCount = byteCount
        self.totalBytes = totalBytes
    }

    /// Works out what an upload carries from its headers.
    ///
    /// - Parameters:
    ///   - contentRange: value of the header, nil where there is none and the upload is the whole blob.
    ///   - contentLength: value of the header; an upload must say how long it is.
    /// - Throws: `FrontDoorError` of kind `badRequest`.
    public static func parse(contentRange: String?, contentLength: String?) throws(FrontDoorError) -> ContentRange {
        guard let contentLength else {
            throw FrontDoorError(.badRequest, "an upload needs a Content-Length header")
        }
        guard let length = number(contentLength) else {
            throw FrontDoorError(.badRequest, "Content-Length '\(Route.shortened(contentLength))' is not a number")
        }
        guard let contentRange else { return ContentRange(offset: 0, byteCount: length, totalBytes: length) }
        let fault = FrontDoorError(
            .badRequest,
            "Content-Range '\(Route.shortened(contentRange))' is not like 'bytes FIRST-LAST/TOTAL' for the "
                + "\(length) bytes of this upload")
        guard contentRange.hasPrefix("bytes ") else { throw fault }
        let halves = contentRange.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let total = number(halves[1]) else { throw fault }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]) else { throw fault }
        guard first <= last, last < total, last - first + 1 == length else { throw fault }
        return ContentRange(offset: first, byteCount: length, totalBytes: total)
    }

    /// Digits only: `Int.init` would also take signs.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 18,
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }
}
