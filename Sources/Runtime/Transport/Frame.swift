import Cluster
import Costs
import NIOCore

/// Names one try of one request under one plan.
public struct RequestKey: Hashable, Sendable, CustomStringConvertible {
    public var plan: PlanID
    /// Given by the source's agent; unique there.
    public var request: UInt64
    /// Counts the tries of the request, from 0.
    public var attempt: UInt32

    public init(plan: PlanID, request: UInt64, attempt: UInt32) {
        self.plan = plan
        self.request = request
        self.attempt = attempt
    }

    public var description: String { "request \(request) attempt \(attempt) of plan \(plan)" }
}

/// Why a tensor was not worked on.
public enum RefusalCode: UInt8, Sendable, Equatable, CaseIterable {
    /// A newer plan is in force here.
    case replacedPlan = 1
    /// The plan was never made ready here.
    case unknownPlan = 2
    /// Type, shape or place in the plan is wrong: trying again gives the same.
    case wrongTensor = 3
    /// ONNX Runtime failed: trying again gives the same.
    case runFailed = 4
    /// A limit is reached; a later try may pass.
    case overloaded = 5
    /// The next board cannot be reached.
    case unreachable = 6

    /// Whether the same request may pass later or under another plan.
    public var mayPassLater: Bool {
        switch self {
        case .replacedPlan, .unknownPlan, .overloaded, .unreachable: true
        case .wrongTensor, .runFailed: false
        }
    }
}

/// What two ends of a connection say to each other. Each case is one frame on the wire.
public enum Frame: Sendable, Equatable {
    public enum Role: UInt8, Sendable {
        /// Another board's runner.
        case runner = 1
        /// The board's own agent, which holds requests.
        case client = 2
    }

    /// First frame in both directions: who speaks.
    case hello(node: NodeID, role: Role)
    /// A tensor for a stop of the plan's chain (`PlanProgram`). `number` is echoed when it has arrived whole.
    case tensor(number: UInt64, model: String, key: RequestKey, stop: Int, tensor: Tensor)
    case refusal(key: RequestKey, code: RefusalCode, sentence: String)
    /// The frame of this number has arrived whole.
    case acknowledgement(number: UInt64)
    case ping(number: UInt64)
    case pong(number: UInt64)
    /// Bytes that are nothing but a load for the link; acknowledged like a tensor.
    case probe(number: UInt64, bytes: ByteBuffer)
    case blobRequest(sha256: String, offset: UInt64)
    /// `totalBytes` is the whole blob's size.
    case blobChunk(sha256: String, offset: UInt64, totalBytes: UInt64, bytes: ByteBuffer)
    case blobRefusal(sha256: String, sentence: String)

    /// Bytes that follow the header.
    var payload: ByteBuffer? {
        switch self {
        case .tensor(_, _, _, _, let tensor): tensor.bytes
        case .blobChunk(_, _, _, let bytes): bytes
        case .probe(_, let bytes): bytes
        default: nil
        }
    }
}

/// The wire form, all integers little-endian:
///
///     0  magic "LMLA"    4  version 1    5  kind    6  header bytes (16 bit)    8  payload bytes (64 bit)
///     16 header, by kind; strings are a 16-bit length and UTF-8            then the payload
enum FrameFormat {
    static let magic: UInt32 = 0x414C_4D4C
    static let version: UInt8 = 1
    static let prefixBytes = 16

    enum Kind: UInt8, CaseIterable {
        case hello = 1
        case tensor = 2
        case refusal = 3
        case acknowledgement = 4
        case ping = 5
        case pong = 6
        case blobRequest = 7
        case blobChunk = 8
        case blobRefusal = 9
        case probe = 10

        /// Whether a payload may follow the header.
        var hasPayload: Bool { self == .tensor || self == .blobChunk || self == .probe }
    }
}

/// Why bytes are not a frame, in one sentence. The connection that sent them is of no more use.
public struct FrameError: Error, CustomStringConvertible, Equatable {
    public let sentence: String

    public init(_ sentence: String) { self.sentence = sentence }

    public var description: String { sentence }
}
