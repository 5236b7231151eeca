import Board
import Costs
import JSON

/// An estimator as bytes: the header's line, then the trees of each of its models.
///
/// Only files of somebody who is trusted should be opened: the trees are read by XGBoost, and the digests tell damage
/// but no malice.
public struct EstimatorFile: Sendable, Equatable {
    public var header: EstimatorHeader
    /// As many as models, in their order.
    public var trees: [[UInt8]]

    /// Three models of 10,000 rounds each stay below it.
    public static let maximumBytes = 256 << 20
    /// The longest first line.
    public static let maximumHeaderBytes = 64 << 10

    public init(header: EstimatorHeader, trees: [[UInt8]]) {
        precondition(header.models.count == trees.count, "trees for each model")
        self.header = header
        self.trees = trees
    }

    /// Reads a file. Needs no XGBoost.
    ///
    /// - Throws: `FileError` or ``EstimatorError/file(_:)``.
    public init(path: String) throws {
        try self.init(try FileBytes.read(path, maximumBytes: Self.maximumBytes), file: path)
    }

    /// - Throws: ``EstimatorError/file(_:)``: the bytes are no estimator, or not as they were written.
    public init(_ bytes: [UInt8], file: String) throws(EstimatorError) {
        func fault(_ problem: String) -> EstimatorError {
            .file("\(file): \(problem); train it again with `lamella estimator train`")
        }
        guard let end = bytes.prefix(Self.maximumHeaderBytes).firstIndex(of: UInt8(ascii: "\n")) else {
            throw fault("is no estimator: its first line does not end")
        }
        let header: EstimatorHeader
        do {
            let value = try JSON.parse(Array(bytes[..<end]), limits: .message)
            guard value["format"] == .string(EstimatorHeader.currentFormat) else {
                throw fault("is no estimator of this version: its format is not \(EstimatorHeader.currentFormat)")
            }
            header = try JSON.decode(EstimatorHeader.self, from: value)
        } catch let error as EstimatorError {
            throw error
        } catch {
            throw fault("is no estimator: \(error)")
        }
        if let problem = Self.problem(header) { throw fault(problem) }
        var trees: [[UInt8]] = []
        var place = end + 1
        for model in header.models {
            guard model.byteCount <= bytes.count - place else { throw fault("is cut off") }
            let part = bytes[place..<place + model.byteCount]
            guard EstimatorHeader.digest(part) == model.digest else {
                throw fault("the \(model.kind.rawValue) trees are damaged")
            }
            trees.append(Array(part))
            place += model.byteCount
        }
        guard place == bytes.count else { throw fault("has \(bytes.count - place) bytes too many") }
        self.init(header: header, trees: trees)
    }

    /// What a header says that cannot be; nil where all can.
    private static func problem(_ header: EstimatorHeader) -> String? {
        let kinds = header.models.map(\.kind)
        guard !kinds.isEmpty, Set(kinds).count == kinds.count else { return "has no models, or one of them twice" }
        for model in header.models {
            // A count of another program's features would be read past its end.
            guard model.features == model.kind.features.map(\.name) else {
                let asked = model.kind.features.map(\.name).joined(separator: ", ")
                return "the \(model.kind.rawValue) trees answer to other features "
                    + "(\(model.features.joined(separator: ", "))) than this program asks (\(asked))"
            }
            guard model.least.count == model.features.count, model.largest.count == model.features.count,
                model.scaleS > 0, model.scaleS.isFinite, model.byteCount >= 0
            else { return "the \(model.kind.rawValue) model's figures cannot be" }
        }
        guard
            header.fingerprint
                == EstimatorHeader.fingerprint(hardware: header.hardware, cores: header.cores, models: header.models),
            header.cores >= 1
        else { return "its fingerprint does not fit what it says of itself" }
        return nil
    }

    /// - Throws: `JSONError` for a figure that is not finite.
    public func bytes() throws -> [UInt8] {
        Array(try JSON.encode(header).utf8) + [UInt8(ascii: "\n")] + trees.joined()
    }
}
