import Foundation
import Testing

@Suite struct FixtureTests {
    private func byteCount(_ relative: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: Repository.path(relative))
        return try #require(attributes[.size] as? Int)
    }

    @Test("Each weightless model is committed and between 5 and 75 KiB")
    func models() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.path("Tests/Fixtures/models"))
        #expect(
            names.filter { $0.hasSuffix(".onnx") }.sorted() == [
                "alexnet.onnx", "bert_base.onnx", "efficientnet_b0.onnx", "googlenet.onnx", "gpt2.onnx",
                "inception_v3.onnx", "mobilenet.onnx", "mobilenet_v3_large.onnx", "qwen2_0_5b.onnx",
                "regnet_y_400mf.onnx", "resnet101.onnx", "resnet18.onnx", "resnet50.onnx", "squeezenet1_1.onnx",
                "ssdlite320.onnx", "vgg11.onnx", "vgg13.onnx", "vgg16.onnx", "vgg19.onnx", "vit_b_16.onnx",
            ])
        for name in names where name.hasSuffix(".onnx") {
            #expect(try (5 * 1024...75 * 1024).contains(byteCount("Tests/Fixtures/models/\(name)")), "\(name)")
        }
    }

    @Test("The digits model is below 1 MB, and each of its 360 images has a label")
    func digits() throws {
        #expect(try byteCount("Tests/Fixtures/digits/digits.onnx") < 1_000_000)
        // A .npy file of version 1 has a header of 128 bytes for shapes as small as these.
        #expect(try byteCount("Tests/Fixtures/digits/test_images.npy") == 128 + 360 * 8 * 8 * 4)
        #expect(try byteCount("Tests/Fixtures/digits/test_labels.npy") == 128 + 360 * 8)
    }
}
