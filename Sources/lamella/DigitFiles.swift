import Agent
import Board

/// The model and the held-out images of the demo (Tests/Fixtures/digits).
struct DigitFiles {
    var model: String
    var images: [NPYArray]
    var labels: [Int]

    static func find() throws -> DigitFiles {
        func path(_ name: String) throws -> String {
            try SharedFiles.path(installed: "digits/\(name)", clone: "Tests/Fixtures/digits/\(name)")
        }
        func array(_ name: String) throws -> NPYArray {
            let path = try path(name)
            return try NPYArray(parsing: FileBytes.read(path, maximumBytes: 64 << 20), name: path)
        }
        let images = try array("test_images.npy")
        let labels = try array("test_labels.npy")
        guard let count = images.shape.first, labels.shape == [count], labels.elementType == .int64 else {
            throw ConfigurationError(
                "test_images.npy is \(images.typeText) and test_labels.npy is \(labels.typeText); they do not match")
        }
        let values = labels.bytes.withUnsafeBytes { bytes in
            (0..<count).map { Int(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
        }
        return DigitFiles(
            model: try path("digits.onnx"), images: try (0..<count).map { try images.rows($0..<$0 + 1) },
            labels: values)
    }
}
