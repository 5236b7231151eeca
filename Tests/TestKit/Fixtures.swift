/// Where the committed test data is.
public enum Fixtures {
    /// Path of a file below Tests/Fixtures.
    public static func path(_ name: String) -> String {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(2)
        return parts.joined(separator: "/") + "/Fixtures/" + name
    }
}
