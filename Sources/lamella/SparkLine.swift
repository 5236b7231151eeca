/// A series of figures as a line of eight heights, for people.
enum SparkLine {
    private static let levels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// From the least figure to the greatest; a dot where a figure is unknown, half height where all are alike.
    static func text(_ values: [Double?]) -> String {
        let known = values.compactMap(\.self)
        guard let least = known.min(), let greatest = known.max() else {
            return String(repeating: "·", count: values.count)
        }
        return String(
            values.map { value in
                guard let value else { return "·" }
                guard greatest > least else { return levels[3] }
                let part = (value - least) / (greatest - least)
                return levels[min(levels.count - 1, Int(part * Double(levels.count)))]
            })
    }
}
