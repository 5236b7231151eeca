import Cluster
import Costs
import ModelGraph
import NIOCore

/// Takes the bytes of a connection in pieces of any size and gives frames.
///
/// Memory follows the bytes that came, not the lengths that a peer announces. After an error the decoder stays
/// in that error: what follows on the connection cannot be told apart.
public struct FrameDecoder: Sendable {
    private enum State: Sendable {
        case prefix
        case header(kind: FrameFormat.Kind, headerBytes: Int, payloadBytes: Int)
        case payload(FrameHeader, remaining: Int)
        case failed(FrameError)
    }

    /// Grows to announced sizes only as bytes arrive.
    private static let firstPayloadCapacity = 1 << 20

    private let limits: TransportLimits
    private var state = State.prefix
    /// Bytes of a prefix or header that came in several pieces.
    private var pending = ByteBuffer()
    private var payload = ByteBuffer()

    public init(limits: TransportLimits = TransportLimits()) { self.limits = limits }

    /// Bytes of the current frame's payload that have not come yet; 0 between payloads.
    public var missingPayloadBytes: Int {
        if case .payload(_, let remaining) = state { remaining } else { 0 }
    }

    /// Takes bytes from the input until a frame is whole or the input is empty (nil).
    public mutating func next(from input: inout ByteBuffer) throws(FrameError) -> Frame? {
        do throws(FrameError) {
            return try advance(&input)
        } catch {
            state = .failed(error)
            throw error
        }
    }

    private mutating func advance(_ input: inout ByteBuffer) throws(FrameError) -> Frame? {
        while true {
            switch state {
            case .failed(let error):
                throw error
            case .prefix:
                guard gather(FrameFormat.prefixBytes, from: &input) else { return nil }
                try readPrefix()
            case .header(let kind, let headerBytes, let payloadBytes):
                guard gather(headerBytes, from: &input) else { return nil }
                let header = try FrameHeader(kind: kind, bytes: &pending, payloadBytes: payloadBytes, limits: limits)
                guard pending.readableBytes == 0 else {
                    throw FrameError("a frame's header has \(pending.readableBytes) bytes too many")
                }
                pending.clear()
                payload = ByteBufferAllocator().buffer(capacity: min(payloadBytes, Self.firstPayloadCapacity))
                state = .payload(header, remaining: payloadBytes)
            case .payload(let header, let remaining):
                let taken = min(remaining, input.readableBytes)
                if taken > 0, var piece = input.readSlice(length: taken) { payload.writeBuffer(&piece) }
                guard taken == remaining else {
                    state = .payload(header, remaining: remaining - taken)
                    return nil
                }
                state = .prefix
                let whole = payload
                payload = ByteBuffer()
                return header.frame(payload: whole)
            }
        }
    }

    /// Moves input to `pending` until it holds `count` bytes.
    private mutating func gather(_ count: Int, from input: inout ByteBuffer) -> Bool {
        let taken = min(count - pending.readableBytes, input.readableBytes)
        if taken > 0, var piece = input.readSlice(length: taken) { pending.writeBuffer(&piece) }
        return pending.readableBytes == count
    }

    private mutating func readPrefix() throws(FrameError) {
        guard let magic = pending.readInteger(endianness: .little, as: UInt32.self),
            let version = pending.readInteger(as: UInt8.self), let kindCode = pending.readInteger(as: UInt8.self),
            let headerBytes = pending.readInteger(endianness: .little, as: UInt16.self),
            let payloadBytes = pending.readInteger(endianness: .little, as: UInt64.self)
        else { throw FrameError("a frame's first bytes are missing") }
        pending.clear()
        guard magic == FrameFormat.magic else {
            throw FrameError("what came is no frame of Lamella's transport (it starts with \(hexadecimal(magic)))")
        }
        guard version == FrameFormat.version else {
            throw FrameError("a frame has version \(version), this board speaks version \(FrameFormat.version)")
        }
        guard let kind = FrameFormat.Kind(rawValue: kindCode) else {
            throw FrameError("a frame has kind \(kindCode), which this board does not know")
        }
        guard headerBytes <= limits.maximumHeaderBytes else {
            throw FrameError("a frame's header has \(headerBytes) bytes, the most is \(limits.maximumHeaderBytes)")
        }
        guard payloadBytes <= limits.maximumPayloadBytes else {
            throw FrameError("a frame's payload has \(payloadBytes) bytes, the most is \(limits.maximumPayloadBytes)")
        }
        guard payloadBytes == 0 || kind.hasPayload else {
            throw FrameError("a frame of kind \(kind) came with a payload")
        }
        state = .header(kind: kind, headerBytes: Int(headerBytes), payloadBytes: Int(payloadBytes))
    }

    private func hexadecimal(_ value: UInt32) -> String {
        (0..<4).map { index in
            let text = String(UInt8(truncatingIfNeeded: value >> (8 * index)), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined(separator: " ")
    }
}

/// A frame whose payload is not there yet.
struct FrameHeader: Sendable {
    private let frameWithoutPayload: Frame

    init(
        kind: FrameFormat.Kind, bytes: inout ByteBuffer, payloadBytes: Int, limits: TransportLimits
    ) throws(FrameError) {
        var reader = HeaderReader(bytes: bytes, limits: limits)
        switch kind {
        case .hello:
            let role = try reader.integer(UInt8.self, "role")
            let node = try reader.string("node")
            guard let role = Frame.Role(rawValue: role) else {
                throw FrameError("a peer says it has role \(role), which this board does not know")
            }
            guard !node.isEmpty else { throw FrameError("a peer says who it is with an empty name") }
            frameWithoutPayload = .hello(node: NodeID(node), role: role)
        case .tensor:
            frameWithoutPayload = try Self.tensor(&reader, payloadBytes: payloadBytes, limits: limits)
        case .refusal:
            let key = try reader.requestKey()
            let code = try reader.integer(UInt8.self, "refusal code")
            let sentence = try reader.string("sentence")
            guard let code = RefusalCode(rawValue: code) else {
                throw FrameError("a refusal has code \(code), which this board does not know")
            }
            frameWithoutPayload = .refusal(key: key, code: code, sentence: sentence)
        case .acknowledgement:
            frameWithoutPayload = .acknowledgement(number: try reader.integer(UInt64.self, "number"))
        case .ping:
            frameWithoutPayload = .ping(number: try reader.integer(UInt64.self, "number"))
        case .pong:
            frameWithoutPayload = .pong(number: try reader.integer(UInt64.self, "number"))
        case .probe:
            guard payloadBytes <= ProbeSchedule.mostBytes else {
                throw FrameError("a probe of \(payloadBytes) bytes is larger than \(ProbeSchedule.mostBytes)")
            }
            frameWithoutPayload = .probe(number: try reader.integer(UInt64.self, "number"), bytes: ByteBuffer())
        case .blobRequest:
            let sha256 = try reader.sha256()
            frameWithoutPayload = .blobRequest(sha256: sha256, offset: try reader.integer(UInt64.self, "offset"))
        case .blobChunk:
            let sha256 = try reader.sha256()
            let offset = try reader.integer(UInt64.self, "offset")
            let totalBytes = try reader.integer(UInt64.self, "size")
            guard offset <= totalBytes, UInt64(payloadBytes) <= totalBytes - offset else {
                throw FrameError("a piece of blob \(sha256) reaches beyond the blob's \(totalBytes) bytes")
            }
            frameWithoutPayload = .blobChunk(
                sha256: sha256, offset: offset, totalBytes: totalBytes, bytes: ByteBuffer())
        case .blobRefusal:
            let sha256 = try reader.sha256()
            frameWithoutPayload = .blobRefusal(sha256: sha256, sentence: try reader.string("sentence"))
        }
        bytes = reader.bytes
    }

    func frame(payload: ByteBuffer) -> Frame {
        switch frameWithoutPayload {
        case .tensor(let number, let model, let key, let stop, var tensor):
            tensor.bytes = payload
            return .tensor(number: number, model: model, key: key, stop: stop, tensor: tensor)
        case .blobChunk(let sha256, let offset, let totalBytes, _):
            return .blobChunk(sha256: sha256, offset: offset, totalBytes: totalBytes, bytes: payload)
        case .probe(let number, _):
            return .probe(number: number, bytes: payload)
        default:
            return frameWithoutPayload
        }
    }

    private static func tensor(
        _ reader: inout HeaderReader, payloadBytes: Int, limits: TransportLimits
    ) throws(FrameError) -> Frame {
        let number = try reader.integer(UInt64.self, "number")
        let key = try reader.requestKey()
        let model = try reader.string("model")
        let stop = try reader.integer(UInt32.self, "stop")
        let code = try reader.integer(UInt8.self, "element type")
        guard let elementType = ElementType(onnxCode: Int(code)) else {
            throw FrameError("a tensor has element type \(code), which this board does not know")
        }
        let rank = try reader.integer(UInt8.self, "rank")
        guard rank <= limits.maximumRank else {
            throw FrameError("a tensor has \(rank) dimensions, the most is \(limits.maximumRank)")
        }
        var shape: [Int] = []
        for _ in 0..<rank {
            let extent = try reader.integer(UInt64.self, "extent")
            guard let extent = Int(exactly: extent) else { throw FrameError("a tensor has extent \(extent)") }
            shape.append(extent)
        }
        guard let expected = Tensor.byteCount(of: elementType, shape: shape) else {
            throw FrameError("a tensor of \(Tensor.describe(elementType, shape)) is larger than memory can be")
        }
        guard expected == payloadBytes else {
            throw FrameError(
                "a tensor of \(Tensor.describe(elementType, shape)) has \(expected) bytes, "
                    + "its frame brings \(payloadBytes)")
        }
        return .tensor(
            number: number, model: model, key: key, stop: Int(stop),
            tensor: Tensor(elementType: elementType, shape: shape, bytes: ByteBuffer()))
    }
}

/// Reads the fields of a header, each with its bound.
private struct HeaderReader {
    var bytes: ByteBuffer
    let limits: TransportLimits

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type, _ field: String) throws(FrameError) -> T {
        guard let value = bytes.readInteger(endianness: .little, as: type) else {
            throw FrameError("a frame's header ends before its \(field)")
        }
        return value
    }

    mutating func string(_ field: String) throws(FrameError) -> String {
        let count = Int(try integer(UInt16.self, "length of its \(field)"))
        guard count <= limits.maximumSentenceBytes else {
            throw FrameError("a frame's \(field) has \(count) bytes, the most is \(limits.maximumSentenceBytes)")
        }
        guard let raw = bytes.readBytes(length: count) else {
            throw FrameError("a frame's header ends inside its \(field)")
        }
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw FrameError("a frame's \(field) is not UTF-8")
        }
        return text
    }

    mutating func sha256() throws(FrameError) -> String {
        let text = try string("blob name")
        guard WeightStore.isName(text) else {
            throw FrameError("a frame names a blob that is no hexadecimal SHA-256")
        }
        return text
    }

    mutating func requestKey() throws(FrameError) -> RequestKey {
        let term = try integer(UInt64.self, "term")
        let sequence = try integer(UInt64.self, "sequence")
        let leader = try string("leader")
        let request = try integer(UInt64.self, "request")
        let attempt = try integer(UInt32.self, "attempt")
        return RequestKey(
            plan: PlanID(term: term, leader: NodeID(leader), sequence: sequence), request: request, attempt: attempt)
    }
}
