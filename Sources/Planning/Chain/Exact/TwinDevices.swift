/// Devices that can be swapped in every schedule without changing its cost, limits or memory.
///
/// Six equal boards would otherwise make each plan count 720 times.
struct TwinDevices {
    /// Groups of two or more devices, each ascending.
    let groups: [[Int]]
    /// The group's number for each device (nil: like no other).
    let groupOf: [Int?]

    /// Where a branch has made twins differ.
    static func none(_ network: ChainNetwork) -> TwinDevices {
        TwinDevices(groups: [], groupOf: Array(repeating: nil, count: network.deviceCount))
    }

    private init(groups: [[Int]], groupOf: [Int?]) {
        self.groups = groups
        self.groupOf = groupOf
    }

    init(_ network: ChainNetwork) {
        var groups: [[Int]] = []
        for device in 0..<network.deviceCount {
            if let index = groups.firstIndex(where: { Self.areAlike(network, $0[0], device) }) {
                groups[index].append(device)
            } else {
                groups.append([device])
            }
        }
        self.groups = groups.filter { $0.count > 1 }
        var groupOf = [Int?](repeating: nil, count: network.deviceCount)
        for (index, group) in self.groups.enumerated() {
            for device in group { groupOf[device] = index }
        }
        self.groupOf = groupOf
    }

    /// Forbids a step on all of its group where it is forbidden on one: what is useless on one is so on each.
    func makeAlike(_ isKept: inout [Bool], _ network: ChainNetwork) {
        guard !groups.isEmpty else { return }
        for row in stride(from: 0, to: isKept.count, by: network.modeCount) {
            for group in groups {
                for (point, _) in network.modesOf[group[0]].enumerated() {
                    let modes = group.map { network.modesOf[$0][point] }
                    guard modes.contains(where: { !isKept[row + $0] }) else { continue }
                    for mode in modes { isKept[row + mode] = false }
                }
            }
        }
    }

    private static func areAlike(_ network: ChainNetwork, _ first: Int, _ second: Int) -> Bool {
        let devices = network.deviceCount
        guard network.capacityBytes[first] == network.capacityBytes[second],
            network.modesOf[first].count == network.modesOf[second].count
        else { return false }
        for quantity in 0..<network.quantityCount {
            let row = quantity * devices
            guard network.firstUse[row + first] == network.firstUse[row + second],
                network.sharedPrice[row + first] == network.sharedPrice[row + second]
            else { return false }
        }
        // Every mode's image when the two are swapped.
        var image = Array(0..<network.modeCount)
        for (one, other) in zip(network.modesOf[first], network.modesOf[second]) {
            image[one] = other
            image[other] = one
        }
        let moved = network.modesOf[first]
        let program = network.program
        let width = program.quantityCount
        func isSame(_ figures: [Double], _ one: Int, _ other: Int) -> Bool {
            network.quantityOf.allSatisfy { figures[one * width + $0] == figures[other * width + $0] }
        }
        for row in stride(from: 0, to: program.layerCount * program.maximumStepLength, by: 1) {
            for mode in moved {
                let (one, other) = (row * network.modeCount + mode, row * network.modeCount + image[mode])
                guard isSame(program.steps, one, other) else { return false }
                if network.hasLoads, program.stepLoads[one] != program.stepLoads[other] { return false }
                if let hidden = program.hiddenLoads, hidden.loadS[one] != hidden.loadS[other] { return false }
            }
        }
        for boundary in 1..<max(1, program.layerCount) {
            for from in 0..<network.modeCount {
                for to in 0..<network.modeCount where image[from] != from || image[to] != to {
                    let one = program.moveIndex(boundary: boundary, from: from, to: to)
                    let other = program.moveIndex(boundary: boundary, from: image[from], to: image[to])
                    guard isSame(program.moves, one, other) else { return false }
                    if network.hasLoads, program.moveLoads[one] != program.moveLoads[other] { return false }
                }
            }
        }
        return true
    }
}
