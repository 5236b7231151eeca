/// Frequencies in sentences.
enum FrequencyText {
    /// `921.6 MHz`
    static func text(hertz: Double) -> String {
        let megahertz = hertz / 1e6
        guard megahertz == megahertz.rounded(), abs(megahertz) < 1e15 else { return "\(megahertz) MHz" }
        return "\(Int64(megahertz)) MHz"
    }
}
