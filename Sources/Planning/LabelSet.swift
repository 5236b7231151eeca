/// The labels of one layer: partial paths that end there, each with its cost and what it holds on every device.
///
/// Flat arrays, so that a hundred thousand labels are a few allocations.
struct LabelSet {
    let deviceCount: Int
    private(set) var count = 0
    /// True seconds from the source to here.
    var seconds: [Double] = []
    /// The same with memory priced by the multipliers.
    var pricedSeconds: [Double] = []
    /// What the cuts have charged so far.
    var cutSeconds: [Double] = []
    /// Lower bound of every completion.
    var boundS: [Double] = []
    var device: [Int] = []
    /// Index in the label set of the layer before.
    var parent: [Int] = []
    /// Weights, then activation peak, for each device: `2 * deviceCount` figures for a label.
    var held: [Int] = []

    init(deviceCount: Int) { self.deviceCount = deviceCount }

    var stride: Int { 2 * deviceCount }

    func weightBytes(_ label: Int, _ device: Int) -> Int { held[label * stride + 2 * device] }
    func activationPeakBytes(_ label: Int, _ device: Int) -> Int { held[label * stride + 2 * device + 1] }

    /// Adds the extension of a parent's label to a device, which then holds the given bytes.
    mutating func append(
        seconds: Double, pricedSeconds: Double, cutSeconds: Double, boundS: Double, device: Int, parent: Int,
        from set: LabelSet?, weightBytes: Int, activationPeakBytes: Int
    ) {
        self.seconds.append(seconds)
        self.pricedSeconds.append(pricedSeconds)
        self.cutSeconds.append(cutSeconds)
        self.boundS.append(boundS)
        self.device.append(device)
        self.parent.append(parent)
        if let set {
            held.append(contentsOf: set.held[(parent * stride)..<((parent + 1) * stride)])
        } else {
            held.append(contentsOf: repeatElement(0, count: stride))
        }
        held[count * stride + 2 * device] = weightBytes
        held[count * stride + 2 * device + 1] = activationPeakBytes
        count += 1
    }

    /// Keeps the given labels, in the given order.
    mutating func keep(_ labels: [Int]) {
        let old = self
        self = LabelSet(deviceCount: deviceCount)
        seconds = labels.map { old.seconds[$0] }
        pricedSeconds = labels.map { old.pricedSeconds[$0] }
        cutSeconds = labels.map { old.cutSeconds[$0] }
        boundS = labels.map { old.boundS[$0] }
        device = labels.map { old.device[$0] }
        parent = labels.map { old.parent[$0] }
        held.reserveCapacity(labels.count * stride)
        for label in labels { held.append(contentsOf: old.held[(label * stride)..<((label + 1) * stride)]) }
        count = labels.count
    }
}
