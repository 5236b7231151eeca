/// What is wrong with measured or published data: one sentence that says where, what, and what to do.
public struct DataFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file or feed; empty where the data never was in one.
    public var file: String
    /// Counted from 1; nil where no single line is at fault.
    public var line: Int?
    /// What is wrong.
    public var problem: String
    /// What to do.
    public var advice: String

    public init(file: String = "", line: Int? = nil, _ problem: String, _ advice: String) {
        self.file = file
        self.line = line
        self.problem = problem
        self.advice = advice
    }

    public var description: String {
        let place = file + (line.map { (file.isEmpty ? "line " : ":") + "\($0)" } ?? "")
        return (place.isEmpty ? "" : place + ": ") + problem + "; " + advice
    }
}
