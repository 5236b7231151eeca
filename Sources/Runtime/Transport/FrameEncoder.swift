import Cluster
import Costs
import ModelGraph
import NIOCore

/// Writes frames. The payload is not copied: it goes out as the buffer that it already is.
public enum FrameEncoder {
    /// The bytes before the payload; the frame's own payload buffer follows them on the wire.
    public static func head(of frame: Frame, allocator: ByteBufferAllocator = ByteBufferAllocator()) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 192)
        buffer.moveWriterIndex(forwardBy: FrameFormat.prefixBytes)
        let kind = writeHeader(of: frame, to: &buffer)
        let headerBytes = buffer.readableBytes - FrameFormat.prefixBytes
        buffer.setInteger(FrameFormat.magic, at: 0, endianness: .little)
        buffer.setInteger(FrameFormat.version, at: 4)
        buffer.setInteger(kind.rawValue, at: 5)
        buffer.setInteger(UInt16(clamping: headerBytes), at: 6, endianness: .little)
        buffer.setInteger(UInt64(frame.payload?.readableBytes ?? 0), at: 8, endianness: .little)
        return buffer
    }

    /// The whole frame in one buffer, for tests and small frames.
    public static func bytes(of frame: Frame) -> ByteBuffer {
        var buffer = head(of: frame)
        if var payload = frame.payload { buffer.writeBuffer(&payload) }
        return buffer
    }

    private static func writeHeader(of frame: Frame, to buffer: inout ByteBuffer) -> FrameFormat.Kind {
        switch frame {
        case .hello(let node, let role):
            buffer.writeInteger(role.rawValue)
            write(node.name, to: &buffer)
            return .hello
        case .tensor(let number, let model, let key, let stop, let tensor):
            buffer.writeInteger(number, endianness: .little)
            write(key, to: &buffer)
            write(model, to: &buffer)
            buffer.writeInteger(UInt32(clamping: stop), endianness: .little)
            buffer.writeInteger(UInt8(tensor.elementType.onnxCode))
            buffer.writeInteger(UInt8(clamping: tensor.shape.count))
            for extent in tensor.shape { buffer.writeInteger(UInt64(max(extent, 0)), endianness: .little) }
            return .tensor
        case .refusal(let key, let code, let sentence):
            write(key, to: &buffer)
            buffer.writeInteger(code.rawValue)
            write(sentence, to: &buffer)
            return .refusal
        case .acknowledgement(let number):
            buffer.writeInteger(number, endianness: .little)
            return .acknowledgement
        case .ping(let number):
            buffer.writeInteger(number, endianness: .little)
            return .ping
        case .pong(let number):
            buffer.writeInteger(number, endianness: .little)
            return .pong
        case .probe(let number, _):
            buffer.writeInteger(number, endianness: .little)
            return .probe
        case .blobRequest(let sha256, let offset):
            write(sha256, to: &buffer)
            buffer.writeInteger(offset, endianness: .little)
            return .blobRequest
        case .blobChunk(let sha256, let offset, let totalBytes, _):
            write(sha256, to: &buffer)
            buffer.writeInteger(offset, endianness: .little)
            buffer.writeInteger(totalBytes, endianness: .little)
            return .blobChunk
        case .blobRefusal(let sha256, let sentence):
            write(sha256, to: &buffer)
            write(sentence, to: &buffer)
            return .blobRefusal
        }
    }

    private static func write(_ key: RequestKey, to buffer: inout ByteBuffer) {
        buffer.writeInteger(key.plan.term, endianness: .little)
        buffer.writeInteger(key.plan.sequence, endianness: .little)
        write(key.plan.leader.name, to: &buffer)
        buffer.writeInteger(key.request, endianness: .little)
        buffer.writeInteger(key.attempt, endianness: .little)
    }

    /// Strings are cut to what every decoder takes, so that a long reason still arrives.
    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        var kept = text
        while kept.utf8.count > TransportLimits().maximumSentenceBytes { kept.removeLast() }
        buffer.writeInteger(UInt16(kept.utf8.count), endianness: .little)
        buffer.writeString(kept)
    }
}
