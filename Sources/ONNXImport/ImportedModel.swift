import ModelGraph
import ONNXFormat
import SwiftProtobuf
import Synchronization

/// A model file, read and understood. Its weights stay in the mapped files.
///
/// Reading blocks on the file system: keep it off the cooperative thread pool.
public struct ImportedModel: Sendable {
    /// The file, or what the caller called the bytes.
    public let file: String
    public let graph: ModelGraph
    /// What a reader of the model should know, such as symbolic dimensions that were bound.
    public let notes: [String]
    let plain: PlainModel
    let weightFiles: WeightFiles

    /// Types that the file itself states for tensors (its `value_info`), to compare with those inferred.
    public var recordedTypes: [String: TensorType] { plain.recordedTypes }
    /// Program that wrote the file, with its version, as far as it says.
    public var producer: String {
        [plain.header.producerName, plain.header.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    }
    public var opset: Int { plain.opset }

    /// Reads a model file. Weights may be inside it or external; they may be absent until somebody asks for them.
    ///
    /// Throws `ImportError`.
    public static func load(path: String) throws -> ImportedModel {
        let mapped: MappedBytes
        do {
            mapped = try MappedBytes(path: path)
        } catch let failure as MappedBytes.Failure {
            throw ImportError(file: path, .unreadable(reason: failure.reason))
        }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) }
        return try ImportedModel(mapped, file: path, folder: folder.map { $0.isEmpty ? "/" : $0 } ?? ".")
    }

    /// Reads a model from memory, as a rule the content-addressed form, whose weights are known by their hash.
    ///
    /// External data with a path of its own is not looked for. Throws `ImportError`.
    public static func load(graphFile bytes: [UInt8], named name: String = "graph file") throws -> ImportedModel {
        try ImportedModel(MappedBytes(bytes), file: name, folder: nil)
    }

    private init(_ source: MappedBytes, file: String, folder: String?) throws {
        self.file = file
        weightFiles = WeightFiles(folder: folder)
        do {
            plain = try Self.parse(source)
            graph = try ModelGraph(plain.description())
            notes = plain.notes
        } catch let failure as PlainModel.Failure {
            throw ImportError(file: file, failure.problem)
        } catch let error as GraphError {
            throw ImportError(file: file, .graph(error))
        } catch let failure as WireScanner.Failure {
            throw ImportError(file: file, .notONNX(reason: failure.reason))
        }
    }

    private static func parse(_ source: MappedBytes) throws -> PlainModel {
        guard source.count > 0 else { throw PlainModel.Failure(problem: .notONNX(reason: "it is empty")) }
        guard source.count <= ImportLimits.maximumGraphFileBytes else {
            throw PlainModel.Failure(
                problem: .limitExceeded(
                    what: "the size of the file", value: "\(source.count) bytes",
                    limit: "\(ImportLimits.maximumGraphFileBytes) bytes"))
        }
        if source.bytes.starts(with: "version https://git-lfs".utf8) {
            throw PlainModel.Failure(problem: .notONNX(reason: "it is a Git LFS pointer; fetch the file itself"))
        }
        let (slim, payloads) = try WireScanner.scan(source.bytes)
        var options = BinaryDecodingOptions()
        options.messageDepthLimit = ImportLimits.maximumNesting
        let message: ONNXModelProto
        do {
            message = try ONNXModelProto(serializedBytes: slim, partial: true, options: options)
        } catch {
            throw PlainModel.Failure(problem: .notONNX(reason: "its messages do not parse"))
        }
        var plain = try PlainModel(message, payloads: payloads.mapValues { ByteRegion(owner: source, range: $0.range) })
        plain.foldPadding()
        return plain
    }

    /// Bytes of an initializer. Throws `ImportError` where they are not there.
    func region(of initializer: PlainModel.Initializer) throws -> ByteRegion {
        switch initializer.data {
        case .region(let region):
            return region
        case .addressed:
            throw ImportError(file: file, .weightsElsewhere(tensor: initializer.name))
        case .external(let location, let offset, let length):
            do {
                return try weightFiles.region(
                    of: initializer.name, location: location, offset: offset, length: length)
            } catch let failure as WeightFiles.Failure {
                throw ImportError(file: file, failure.problem)
            }
        }
    }

    /// Hexadecimal SHA-256 of an initializer's bytes, computed once.
    func hash(of initializer: PlainModel.Initializer) throws -> String {
        if case .addressed(let sha256) = initializer.data { return sha256 }
        if let known = weightFiles.hash(of: initializer.name) { return known }
        let hash = SHA256Hex.hash(try region(of: initializer))
        weightFiles.remember(hash, of: initializer.name)
        return hash
    }

    /// Throws the first weight that is not there; reads no weight.
    public func requireWeights() throws {
        for initializer in usedInitializers.map({ plain.initializers[$0] })
        where initializer.type.byteCount > GraphLimits.inlineBytes {
            _ = try region(of: initializer)
        }
    }
}

/// Data files beside a model, mapped when first asked for, and the hashes of what they hold.
final class WeightFiles: Sendable {
    struct Failure: Error {
        let problem: ImportError.Problem
    }

    private struct State {
        var files: [String: MappedBytes] = [:]
        var hashes: [String: String] = [:]
    }

    private let folder: String?
    private let state = Mutex(State())

    init(folder: String?) { self.folder = folder }

    func hash(of name: String) -> String? { state.withLock { $0.hashes[name] } }

    func remember(_ hash: String, of name: String) { state.withLock { $0.hashes[name] = hash } }

    func region(of tensor: String, location: String, offset: Int, length: Int) throws -> ByteRegion {
        func missing(_ found: Int) -> Failure {
            Failure(
                problem: .missingWeights(
                    tensor: tensor, dataFile: location, expectedBytes: length, foundBytes: max(0, found)))
        }
        guard let folder else { throw missing(0) }
        let file = try state.withLock { state in
            if let known = state.files[location] { return known }
            let path = "\(folder)/\(location)"
            guard let real = RealPath.resolve(path) else { throw missing(0) }
            guard let realFolder = RealPath.resolve(folder), RealPath.isInside(real, folder: realFolder) else {
                throw Failure(problem: .escapingPath(tensor: tensor, location: location))
            }
            do {
                let mapped = try MappedBytes(path: real)
                state.files[location] = mapped
                return mapped
            } catch is MappedBytes.Failure {
                throw missing(0)
            }
        }
        guard offset <= file.count, length <= file.count - offset else { throw missing(file.count - offset) }
        return ByteRegion(owner: file, range: offset..<(offset + length))
    }
}
