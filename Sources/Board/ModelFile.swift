/// What a model is called after its file.
public enum ModelFile {
    /// `alexnet` for `models/alexnet.onnx`: outputs, pictures and the rows of profiles name a model, not a place.
    public static func name(_ path: String) -> String {
        let file = path.split(separator: "/" as Character).last.map(String.init) ?? path
        guard let dot = file.lastIndex(of: "." as Character), dot != file.startIndex else { return file }
        return String(file[..<dot])
    }
}
