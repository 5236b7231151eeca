import Board
import Testing

@Suite struct ModelFileTests {
    @Test(arguments: [
        ("models/alexnet.onnx", "alexnet"), ("/a/b/yolo.v8.onnx", "yolo.v8"), ("net", "net"), (".onnx", ".onnx"),
        ("", ""), ("folder/", "folder"),
    ])
    func `a model is called after its file`(path: String, name: String) { #expect(ModelFile.name(path) == name) }
}
