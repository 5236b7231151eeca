/// What a model is called where nobody gives it a name.
enum ModelName {
    /// `dir/digits.onnx` is `digits`.
    static func of(path: String) -> String {
        let last = path.split(separator: "/" as Character).last.map(String.init) ?? path
        return last.hasSuffix(".onnx") ? String(last.dropLast(".onnx".count)) : last
    }
}
