import Cluster
import Costs
import ModelGraph
import NIOCore
import Runtime
import TestKit
import Testing

@Suite struct FrameTests {
    static let frames: [Frame] = [
        .hello(node: "A", role: .client),
        .tensor(
            number: 7, model: "digits", key: Support.key(3, attempt: 2), stop: 4,
            tensor: Tensor(shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])),
        .tensor(
            number: 8, model: "", key: Support.key(), stop: 0,
            tensor: Tensor(elementType: .int64, shape: [], bytes: ByteBuffer(bytes: [1, 0, 0, 0, 0, 0, 0, 0]))),
        .refusal(key: Support.key(9), code: .replacedPlan, sentence: "plan 1.1@leader is replaced by 2.1@B"),
        .acknowledgement(number: .max), .ping(number: 1), .pong(number: 2),
        .probe(number: 3, bytes: ByteBuffer(repeating: 0, count: 100)),
        .blobRequest(sha256: String(repeating: "ab", count: 32), offset: 12),
        .blobChunk(
            sha256: String(repeating: "0", count: 64), offset: 4, totalBytes: 9, bytes: ByteBuffer(bytes: [1, 2, 3])),
        .blobRefusal(sha256: String(repeating: "f", count: 64), sentence: "not here"),
    ]

    /// All frames that come out of the bytes, given in pieces of this size.
    static func decode(_ bytes: [UInt8], pieceBytes: Int, limits: TransportLimits = .init()) throws -> [Frame] {
        var decoder = FrameDecoder(limits: limits)
        var frames: [Frame] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + pieceBytes, bytes.count)
            var buffer = ByteBuffer(bytes: bytes[start..<end])
            while let frame = try decoder.next(from: &buffer) { frames.append(frame) }
            start = end
        }
        return frames
    }

    static func encode(_ frames: [Frame]) -> [UInt8] {
        frames.flatMap { Array(FrameEncoder.bytes(of: $0).readableBytesView) }
    }

    @Test(arguments: [1, 2, 3, 7, 16, 17, 64, 1 << 20])
    func `frames read back the same, however the bytes are cut`(pieceBytes: Int) throws {
        let bytes = Self.encode(Self.frames)
        #expect(try Self.decode(bytes, pieceBytes: pieceBytes) == Self.frames)
    }

    @Test func `every prefix of a frame waits for more and is no error`() throws {
        for frame in Self.frames {
            let bytes = Self.encode([frame])
            for count in 0..<bytes.count {
                #expect(try Self.decode(Array(bytes[..<count]), pieceBytes: 1 << 20).isEmpty)
            }
        }
    }

    @Test func `what is missing of a payload is said, and of nothing else`() throws {
        let frame = Self.frames[1]
        let bytes = Self.encode([frame])
        let payloadBytes = 24
        var decoder = FrameDecoder()
        for (position, byte) in bytes.enumerated() {
            let left = bytes.count - position
            // The frame's last bytes are its payload; until its header is whole nobody knows of it.
            #expect(decoder.missingPayloadBytes == (left <= payloadBytes ? left : 0), "byte \(position)")
            var buffer = ByteBuffer(bytes: [byte])
            let read = try decoder.next(from: &buffer)
            #expect((read == frame) == (left == 1))
        }
        #expect(decoder.missingPayloadBytes == 0)
    }

    @Test func `a large tensor reads back the same`() throws {
        let tensor = Tensor(
            elementType: .uint8, shape: [3 << 20], bytes: ByteBuffer(bytes: (0..<3 << 20).map { UInt8($0 & 255) }))
        let frame = Frame.tensor(number: 1, model: "m", key: Support.key(), stop: 1, tensor: tensor)
        #expect(try Self.decode(Self.encode([frame]), pieceBytes: 65_536) == [frame])
    }

    @Test func `what is not a frame is refused by its first bytes`() {
        #expect(throws: FrameError("what came is no frame of Lamella's transport (it starts with 47 45 54 20)")) {
            try Self.decode(Array("GET / HTTP/1.1\r\n\r\n".utf8), pieceBytes: 1 << 20)
        }
    }

    @Test func `lengths above the limits are refused before their bytes come`() {
        var limits = TransportLimits()
        limits.maximumPayloadBytes = 8
        let frame = Self.encode([Self.frames[1]])
        #expect(throws: FrameError("a frame's payload has 24 bytes, the most is 8")) {
            try Self.decode(Array(frame[..<16]), pieceBytes: 16, limits: limits)
        }
        limits = TransportLimits()
        limits.maximumHeaderBytes = 10
        #expect(throws: FrameError.self) { try Self.decode(Array(frame[..<16]), pieceBytes: 16, limits: limits) }
    }

    @Test func `a tensor whose bytes do not fit its shape is refused`() {
        let wrong = Tensor(elementType: .float32, shape: [3, 3], bytes: ByteBuffer(bytes: [0, 0, 0, 0]))
        let frame = Frame.tensor(number: 1, model: "m", key: Support.key(), stop: 0, tensor: wrong)
        #expect(throws: FrameError("a tensor of float32[3x3] has 36 bytes, its frame brings 4")) {
            try Self.decode(Self.encode([frame]), pieceBytes: 1 << 20)
        }
    }

    @Test func `extents whose product overflows are refused`() {
        let wrong = Tensor(elementType: .float32, shape: [1 << 40, 1 << 40], bytes: ByteBuffer())
        let frame = Frame.tensor(number: 1, model: "m", key: Support.key(), stop: 0, tensor: wrong)
        #expect(throws: FrameError.self) { try Self.decode(Self.encode([frame]), pieceBytes: 1 << 20) }
    }

    @Test func `after an error the decoder gives the same error and no frame`() throws {
        var decoder = FrameDecoder()
        var garbage = ByteBuffer(bytes: [UInt8](repeating: 0x5A, count: 16))
        #expect(throws: FrameError.self) { try decoder.next(from: &garbage) }
        var good = FrameEncoder.bytes(of: .ping(number: 1))
        #expect(throws: FrameError.self) { try decoder.next(from: &good) }
    }

    @Test func `a sentence too long for the wire is cut, not refused`() throws {
        let long = String(repeating: "ä", count: 5000)
        let frame = Frame.refusal(key: Support.key(), code: .runFailed, sentence: long)
        guard
            case .refusal(_, _, let sentence) = try #require(
                try Self.decode(Self.encode([frame]), pieceBytes: 1 << 20).first)
        else { throw FrameError("another frame came back") }
        #expect(sentence == String(repeating: "ä", count: TransportLimits().maximumSentenceBytes / 2))
    }

    @Test func `damaged frames are read or refused, never a trap and never more than the limits`() {
        var mutator = ByteMutator(
            seed: 20, interesting: [0, 1, 2, 9, 0x4C, 0x4D, 0x7F, 0x80, 0xFF], maximumBytes: 1 << 14)
        var limits = TransportLimits()
        limits.maximumPayloadBytes = 4096
        let sample = Self.encode(Self.frames)
        var refused = 0
        for round in 0..<20_000 {
            let bytes = mutator.mutate(round % 2 == 0 ? sample : Self.encode([Self.frames[round % Self.frames.count]]))
            do {
                for frame in try Self.decode(bytes, pieceBytes: 1 + round % 97, limits: limits) {
                    if case .tensor(_, _, _, _, let tensor) = frame {
                        #expect(tensor.bytes.readableBytes <= 4096)
                        #expect(
                            Tensor.byteCount(of: tensor.elementType, shape: tensor.shape) == tensor.bytes.readableBytes)
                    }
                }
            } catch {
                #expect(error is FrameError)
                refused += 1
            }
        }
        #expect(refused > 10_000)
    }
}
