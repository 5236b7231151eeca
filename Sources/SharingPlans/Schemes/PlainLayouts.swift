import Sharing

/// The layout that each scheme gives each operator where its result is exchanged behind it.
///
/// An operator that a scheme cannot share is computed whole by the fastest device.
struct PlainLayouts: Sendable {
    let schemes: [SharingScheme]
    /// By scheme and operator.
    let layouts: [[SharedLayout]]
    /// By scheme and operator: why the scheme does not serve (nil: it does).
    let refusals: [[CannotShare?]]

    init(_ schemes: [SharingScheme], _ shared: SharedGraph, _ cluster: SharingCluster) {
        var layouts: [[SharedLayout]] = []
        var refusals: [[CannotShare?]] = []
        for scheme in schemes {
            var row: [SharedLayout] = []
            var refused: [CannotShare?] = []
            for position in shared.graph.operators.indices {
                do {
                    row.append(try scheme.layout(position, shared))
                    refused.append(nil)
                } catch {
                    row.append(
                        .single(cluster.fastest, of: cluster.deviceCount, shape: shared.shape(of: position)))
                    refused.append(error)
                }
            }
            layouts.append(row)
            refusals.append(refused)
        }
        self.schemes = schemes
        self.layouts = layouts
        self.refusals = refusals
    }

    func layout(_ scheme: Int, _ position: Int) -> SharedLayout { layouts[scheme][position] }
    func isRefused(_ scheme: Int, _ position: Int) -> Bool { refusals[scheme][position] != nil }
}
