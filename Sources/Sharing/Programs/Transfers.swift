/// A region of a tensor that moves from one device to another.
public struct Transfer: Hashable, Sendable, CustomStringConvertible {
    public let tensor: String
    public let region: Region
    public let from: Int
    public let to: Int
    /// Position of the operator that it is needed for first; the number of operators where it is a result.
    public let consumer: Int
    /// Position of the operator that computes it on the sender; -1 for an input of the graph.
    public let producer: Int

    public var description: String { "\(tensor)\(region) from \(from) to \(to)" }
}

/// All that an assignment moves: what a device needs and does not own is fetched once, from one owner.
///
/// A device owns what it has computed and what it has received; the source owns the graph's inputs. Of several devices
/// that have computed an element, the one of the lowest number sends it.
public struct Transfers: Equatable, Sendable {
    /// In the order of their consumers, then of receivers, then as found.
    public let all: [Transfer]
    /// What each device needs for its region of each operator, by operator and device (nil: idle).
    public let needs: [[RegionNeeds?]]

    /// Throws where the assignment does not fit the graph (`SharedAssignment.verify` says it more fully).
    public init(_ assignment: SharedAssignment, _ shared: SharedGraph) throws(SharingError) {
        var ledger = Ledger(shared, assignment)
        var all: [Transfer] = []
        var needs: [[RegionNeeds?]] = []
        for position in shared.graph.operators.indices {
            let layout = assignment.layouts[position]
            var row: [RegionNeeds?] = []
            for device in 0..<assignment.deviceCount {
                guard device < layout.deviceCount, !layout.regions[device].isEmpty else {
                    row.append(nil)
                    continue
                }
                do {
                    row.append(try shared.needs(position, layout.regions[device]))
                } catch {
                    throw SharingError(error.description)
                }
            }
            for (device, need) in row.enumerated() {
                for input in need?.inputs ?? [] { all += try ledger.fetch(input, to: device, for: position) }
            }
            for (device, need) in row.enumerated() {
                for output in need?.outputs ?? [] { ledger.compute(output, on: device) }
            }
            needs.append(row)
        }
        for output in shared.graph.outputs {
            let whole = TensorRegion(output, .whole(shared.shape(ofTensor: output)))
            all += try ledger.fetch(whole, to: assignment.destination, for: shared.graph.operators.count)
        }
        self.all = all
        self.needs = needs
    }

    /// Bytes of all transfers.
    public func byteCount(_ shared: SharedGraph) -> Int {
        all.reduce(0) { $0 + shared.byteCount(TensorRegion($1.tensor, $1.region)) }
    }
}

extension SharedGraph {
    /// Bytes of a region of an activation or a constant.
    public func byteCount(_ named: TensorRegion) -> Int {
        named.region.elementCount * (graph.tensorType(named: named.tensor)?.elementType.byteCount ?? 0)
    }
}

/// Who owns what while the operators are gone through.
private struct Ledger {
    let shared: SharedGraph
    /// Nothing for each device.
    let nobody: [[Region]]
    /// Disjoint regions by tensor and device.
    var owned: [String: [[Region]]] = [:]
    /// What each device has computed, or had from the start.
    var computed: [String: [[Region]]] = [:]

    init(_ shared: SharedGraph, _ assignment: SharedAssignment) {
        self.shared = shared
        nobody = [[Region]](repeating: [], count: assignment.deviceCount)
        for input in shared.graph.inputs {
            compute(TensorRegion(input, .whole(shared.shape(ofTensor: input))), on: assignment.source)
        }
    }

    mutating func compute(_ output: TensorRegion, on device: Int) {
        own(output, by: device)
        computed[output.tensor, default: nobody][device].append(output.region)
    }

    private mutating func own(_ named: TensorRegion, by device: Int) {
        let known = owned[named.tensor, default: nobody][device]
        owned[named.tensor, default: nobody][device] += named.region.subtracting(known)
    }

    /// What the device lacks of a region, now its own.
    mutating func fetch(
        _ needed: TensorRegion, to device: Int, for consumer: Int
    ) throws(SharingError) -> [Transfer] {
        var missing = needed.region.subtracting(owned[needed.tensor, default: nobody][device])
        guard !missing.isEmpty else { return [] }
        var transfers: [Transfer] = []
        for (owner, regions) in computed[needed.tensor, default: nobody].enumerated() where owner != device {
            for region in regions {
                for part in missing.map({ $0.intersection(region) }) where !part.isEmpty {
                    transfers.append(
                        Transfer(
                            tensor: needed.tensor, region: part, from: owner, to: device, consumer: consumer,
                            producer: shared.graph.tensors[needed.tensor]?.producer ?? -1))
                }
                missing = missing.flatMap { $0.subtracting(region) }
            }
        }
        if let first = missing.first {
            throw SharingError("nobody owns \(first) of tensor '\(needed.tensor)', which device \(device) needs")
        }
        for transfer in transfers { own(TensorRegion(transfer.tensor, transfer.region), by: device) }
        return transfers
    }
}
