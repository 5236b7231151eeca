/// What a request asks for: its method and path, parsed.
public enum Route: Sendable, Equatable {
    case infer(model: String)
    case blobState(sha256: String)
    case putBlob(sha256: String)
    case putModel(name: String)
    case removeModel(name: String)
    case models
    case status
    case health

    /// Longest name of a model; it is part of MQTT topics and of paths.
    public static let maximumNameBytes = 64

    /// Parses the method and the target of a request line.
    ///
    /// - Throws: `FrontDoorError` of kind `notFound`, `methodNotAllowed` or `badRequest`.
    public static func parse(method: String, target: String) throws(FrontDoorError) -> Route {
        guard !target.contains("?" as Character) else {
            throw FrontDoorError(.badRequest, "\(shortened(target)): no path of the front door takes a query")
        }
        let parts = target.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let table: [(method: String, route: Route)]
        switch parts.count {
        case 1 where parts[0] == "healthz": table = [("GET", .health), ("HEAD", .health)]
        case 2 where parts == ["v1", "status"]: table = [("GET", .status)]
        case 2 where parts == ["v1", "models"]: table = [("GET", .models)]
        case 3 where parts.starts(with: ["v1", "models"]):
            let name = try modelName(parts[2])
            table = [("PUT", .putModel(name: name)), ("DELETE", .removeModel(name: name))]
        case 4 where parts.starts(with: ["v1", "models"]) && parts[3] == "infer":
            table = [("POST", .infer(model: try modelName(parts[2])))]
        case 3 where parts.starts(with: ["v1", "blobs"]):
            let sha256 = try blobAddress(parts[2])
            table = [("PUT", .putBlob(sha256: sha256)), ("HEAD", .blobState(sha256: sha256))]
        default: throw FrontDoorError(.notFound, "there is nothing at \(shortened(target))")
        }
        guard let row = table.first(where: { $0.method == method }) else {
            let allowed = table.map(\.method).joined(separator: " or ")
            throw FrontDoorError(
                .methodNotAllowed, "\(shortened(target)) takes \(allowed), not \(shortened(method))")
        }
        return row.route
    }

    /// Checks a model's name: letters, digits, `.`, `_` and `-`, starting with a letter or digit.
    ///
    /// - Throws: `FrontDoorError` of kind `badRequest` that says what a name may hold.
    @discardableResult
    public static func modelName(_ text: String) throws(FrontDoorError) -> String {
        let valid = text.utf8.allSatisfy { byte in
            isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard valid, text.utf8.count <= maximumNameBytes, let first = text.utf8.first, isAlphanumeric(first) else {
            throw FrontDoorError(
                .badRequest,
                "'\(shortened(text))' is not a name for a model: use up to \(maximumNameBytes) letters, digits, '.', "
                    + "'_' and '-', starting with a letter or digit")
        }
        return text
    }

    /// Checks the address of a blob: 64 lower-case hexadecimal digits.
    static func blobAddress(_ text: String) throws(FrontDoorError) -> String {
        let valid = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard valid, text.utf8.count == 64 else {
            throw FrontDoorError(
                .badRequest, "'\(shortened(text))' is not a SHA-256 in 64 lower-case hexadecimal digits")
        }
        return text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// Keeps a message short whatever a client sends.
    static func shortened(_ text: String) -> String { text.count <= 80 ? text : text.prefix(77) + "..." }
}
