import Agent
import Board
import Costs
import Foundation
import ModelGraph
import ONNXImport
import Runtime
import TestKit
import Testing

/// The demo's model and its held-out images, with what the whole model says of them in one ONNX Runtime session.
struct Digits: Sendable {
    static let model = "digits"
    static let source: NodeID = "pi"

    var images: [NPYArray]
    var labels: [Int]
    /// Position of the largest score of the unsplit model for each image.
    var unsplit: [Int]

    static func load() throws -> Digits {
        func array(_ name: String) throws -> NPYArray {
            let path = Repository.path("Tests/Fixtures/digits/\(name)")
            return try NPYArray(parsing: FileBytes.read(path, maximumBytes: 64 << 20), name: path)
        }
        let all = try array("test_images.npy")
        let labels = try array("test_labels.npy")
        let count = try #require(all.shape.first)
        let images = try (0..<count).map { try all.rows($0..<$0 + 1) }
        return Digits(
            images: images,
            labels: labels.bytes.withUnsafeBytes { bytes in
                (0..<count).map { Int(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
            },
            unsplit: try WholeModel.largest(of: images, path: Repository.path("Tests/Fixtures/digits/digits.onnx")))
    }
}

extension NPYArray {
    var floats: [Float] {
        bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }
}

extension [Float] {
    var largestIndex: Int? { indices.max { self[$0] < self[$1] } }
}
