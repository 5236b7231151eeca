import Glibc
import ModelGraph

/// What `fillWeights` wrote.
public struct FillReport: Sendable, Equatable {
    public struct DataFile: Sendable, Equatable {
        public let path: String
        public let byteCount: Int
    }

    /// The copy of the graph file beside its data.
    public let graphFile: String
    public let dataFiles: [DataFile]
    public let tensors: Int
}

extension ImportedModel {
    /// Writes the external data of a weightless model with seeded pseudo-random weights, and a copy of the model beside
    /// it, so that it can be run.
    ///
    /// The same model and seed give the same bytes. Weights are drawn so that activations stay finite and well scaled
    /// (`FillScheme`). Data is written in pieces, never held whole. Throws `ImportError`; an existing data file is not
    /// written over.
    public func fillWeights(seed: UInt64, into folder: String) throws -> FillReport {
        let files = try dataFiles()
        guard !files.isEmpty else { throw ImportError(file: file, .nothingToFill) }
        try FilledFile.makeFolder(folder, for: file)
        for planned in files where access("\(folder)/\(planned.location)", F_OK) == 0 {
            throw ImportError(
                file: file,
                .cannotWrite(path: "\(folder)/\(planned.location)", reason: "it exists, and could be real weights"))
        }
        let schemes = FillSchemes(graph)
        var report: [FillReport.DataFile] = []
        for planned in files {
            let path = "\(folder)/\(planned.location)"
            if let slash = path.lastIndex(of: "/") { try FilledFile.makeFolder(String(path[..<slash]), for: file) }
            let output = try FilledFile(path: path, model: file)
            for part in planned.parts {
                let initializer = plain.initializers[part.initializer]
                let scheme = schemes.scheme(of: initializer.name, type: initializer.type)
                let generator = FillGenerator(
                    seed: seed, name: initializer.name, scheme: scheme, elementType: initializer.type.elementType)
                try output.write(generator, type: initializer.type, at: part.offset)
            }
            try output.finish(byteCount: planned.byteCount)
            report.append(.init(path: path, byteCount: planned.byteCount))
        }
        return FillReport(
            graphFile: try copyGraphFile(into: folder), dataFiles: report,
            tensors: files.reduce(0) { $0 + $1.parts.count })
    }

    private struct Part {
        let initializer: Int
        let offset: Int
        let length: Int
    }

    private struct PlannedFile {
        let location: String
        var parts: [Part]
        var byteCount: Int { parts.last.map { $0.offset + $0.length } ?? 0 }
    }

    /// Data files in the order of their names, each with its parts ascending; tied weights are one part.
    private func dataFiles() throws -> [PlannedFile] {
        var parts: [String: [Part]] = [:]
        for (position, initializer) in plain.initializers.enumerated() {
            guard case .external(let location, let offset, let length) = initializer.data else { continue }
            parts[location, default: []].append(Part(initializer: position, offset: offset, length: length))
        }
        return try parts.sorted { $0.key < $1.key }.map { location, parts in
            var kept: [Part] = []
            for part in parts.sorted(by: { ($0.offset, $0.initializer) < ($1.offset, $1.initializer) }) {
                if let last = kept.last, part.offset < last.offset + last.length {
                    guard part.offset == last.offset, part.length == last.length else {
                        throw ImportError(
                            file: file,
                            .invalidTensor(
                                tensor: plain.initializers[part.initializer].name,
                                reason: "its data overlaps that of '\(plain.initializers[last.initializer].name)'"))
                    }
                } else {
                    kept.append(part)
                }
            }
            let planned = PlannedFile(location: location, parts: kept)
            guard planned.byteCount <= ImportLimits.maximumFilledBytes else {
                throw ImportError(
                    file: file,
                    .limitExceeded(
                        what: "the size of data file '\(location)'", value: "\(planned.byteCount) bytes",
                        limit: "\(ImportLimits.maximumFilledBytes) bytes"))
            }
            return planned
        }
    }

    private func copyGraphFile(into folder: String) throws -> String {
        let name = file.lastIndex(of: "/").map { String(file[file.index(after: $0)...]) } ?? file
        let target = "\(folder)/\(name)"
        if let own = RealPath.resolve(file), own == RealPath.resolve(target) { return target }
        do {
            let source = try MappedBytes(path: file)
            let output = try FilledFile(path: target, model: file)
            try output.write(source.bytes, at: 0)
            try output.finish(byteCount: source.count)
        } catch let failure as MappedBytes.Failure {
            throw ImportError(file: file, .unreadable(reason: failure.reason))
        }
        return target
    }
}

/// A file that is written under another name and appears whole, by renaming.
private final class FilledFile {
    private static let chunkBytes = 4 << 20
    private let path: String
    private let partial: String
    private let model: String
    private var descriptor: Int32

    init(path: String, model: String) throws {
        self.path = path
        self.model = model
        partial = path + ".partial"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw failure() }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    static func makeFolder(_ folder: String, for model: String) throws {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/") {
            path += path.isEmpty || path == "/" ? String(part) : "/" + part
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw ImportError(
                    file: model, .cannotWrite(path: path, reason: String(cString: strerror(errno))))
            }
        }
    }

    func write(_ generator: FillGenerator, type: TensorType, at offset: Int) throws {
        let width = type.elementType.byteCount
        let perChunk = Self.chunkBytes / width
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: perChunk * width, alignment: 16)
        defer { buffer.deallocate() }
        var first = 0
        while first < type.elementCount {
            let count = min(perChunk, type.elementCount - first)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * width)])
            generator.fill(part, from: first)
            try write(UnsafeRawBufferPointer(part), at: offset + first * width)
            first += count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let written = pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
            if written < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            done += written
        }
    }

    func finish(byteCount: Int) throws {
        guard ftruncate(descriptor, byteCount) == 0, fsync(descriptor) == 0 else { throw failure() }
        close(descriptor)
        descriptor = -1
        guard rename(partial, path) == 0 else {
            let problem = failure()
            unlink(partial)
            throw problem
        }
    }

    private func failure() -> ImportError {
        ImportError(file: model, .cannotWrite(path: path, reason: String(cString: strerror(errno))))
    }
}
