/// Devices that can be swapped in every path without changing its cost or its memory.
///
/// Six equal boards would otherwise make each plan count 720 times.
struct InterchangeableDevices {
    /// Groups of two or more devices, each ascending.
    let groups: [[Int]]
    /// The group's number for each device (nil: like no other).
    let groupOf: [Int?]

    /// Where a branch has made alike devices differ.
    static func none(_ graph: ChainGraph) -> InterchangeableDevices {
        InterchangeableDevices(groups: [], groupOf: Array(repeating: nil, count: graph.deviceCount))
    }

    private init(groups: [[Int]], groupOf: [Int?]) {
        self.groups = groups
        self.groupOf = groupOf
    }

    init(_ graph: ChainGraph) {
        var groups: [[Int]] = []
        for device in 0..<graph.deviceCount {
            if let index = groups.firstIndex(where: { Self.alike(graph, $0[0], device) }) {
                groups[index].append(device)
            } else {
                groups.append([device])
            }
        }
        self.groups = groups.filter { $0.count > 1 }
        var groupOf = [Int?](repeating: nil, count: graph.deviceCount)
        for (index, group) in self.groups.enumerated() {
            for device in group { groupOf[device] = index }
        }
        self.groupOf = groupOf
    }

    /// Forbids a node on all of its group where it is forbidden on one: what is useless on one is so on each.
    func makeAlike(_ allowed: inout [Bool], deviceCount: Int) {
        for base in stride(from: 0, to: allowed.count, by: deviceCount) {
            for group in groups where group.contains(where: { !allowed[base + $0] }) {
                for device in group { allowed[base + device] = false }
            }
        }
    }

    private static func alike(_ graph: ChainGraph, _ first: Int, _ second: Int) -> Bool {
        guard graph.capacityBytes[first] == graph.capacityBytes[second] else { return false }
        let count = graph.deviceCount
        for layer in 0..<graph.layerCount {
            let one = layer * count + first
            let other = layer * count + second
            guard graph.allowed[one] == graph.allowed[other], graph.nodeS[one] == graph.nodeS[other] else {
                return false
            }
            guard layer + 1 < graph.layerCount else { continue }
            guard graph.edgeS[one * count + first] == graph.edgeS[other * count + second],
                graph.edgeS[one * count + second] == graph.edgeS[other * count + first]
            else { return false }
            for third in 0..<count where third != first && third != second {
                let from = (layer * count + third) * count
                guard graph.edgeS[one * count + third] == graph.edgeS[other * count + third],
                    graph.edgeS[from + first] == graph.edgeS[from + second]
                else { return false }
            }
        }
        return true
    }
}
