/// Layers as messages name them.
enum LayerNames {
    /// Names that one message lists: a large model has hundreds.
    static let maximumListed = 12

    /// `source, conv1, conv2`, the first ones where there are many.
    static func list(_ layers: [PlannedLayer]) -> String {
        let names = layers.prefix(maximumListed).map(\.name).joined(separator: ", ")
        let rest = layers.count - maximumListed
        return rest > 0 ? names + " and \(rest) more (lamella model show lists them)" : names
    }
}
