import Costs
import Sharing

/// What an inference of a shared plan takes of each device, by the terms of ``EnergyTable``.
///
/// A device computes at its compute power for as long as it has operators to run, waits at its idle power for the rest
/// of the latency, and pays for each transfer while that is on its link. Transfers over several links at the same time
/// pay their base power each.
struct SharedEnergy {
    /// By device of the cluster; nil where a power of it is unknown.
    let devices: [Plan.DeviceEnergy?]
    /// Grams by device of the cluster; nil where its energy or the intensity of its grid is unknown.
    let carbonG: [Double?]
    private let isCounted: [Bool]

    /// - Parameters:
    ///   - points: the operating point of each device of the cluster.
    ///   - busyS: seconds for which each of them computes.
    ///   - latencyS: of the whole inference.
    init(_ moved: SharedTransferEnergy, points: [Int], busyS: [Double], latencyS: Double) {
        let table = moved.table
        var energies: [Plan.DeviceEnergy?] = []
        for (index, place) in moved.places.enumerated() {
            guard let computeW = table.computePowerW[place][points[index]], let holdW = table.holdPowerW(place),
                let sent = moved.sentJ[index], let received = moved.receivedJ[index]
            else {
                energies.append(nil)
                continue
            }
            energies.append(
                Plan.DeviceEnergy(
                    computeJ: computeW * busyS[index], uploadJ: sent, downloadJ: received,
                    holdJ: holdW * max(0, latencyS - busyS[index])))
        }
        devices = energies
        carbonG = zip(energies, moved.places).map { energy, place in
            energy.flatMap { energy in table.gramPerJ(place).map { $0 * energy.totalJ } }
        }
        isCounted = moved.places.map { table.isCounted[$0] }
    }

    /// Of these devices together, of those that the problem counts; nil where one is unknown.
    func totalJ(of members: [Int]) -> Double? {
        members.filter { isCounted[$0] }.reduce(Double?(0)) { SharedTransferEnergy.sum($0, devices[$1]?.totalJ) }
    }

    /// Of these devices together; nil where one is unknown.
    func totalG(of members: [Int]) -> Double? {
        members.reduce(Double?(0)) { SharedTransferEnergy.sum($0, carbonG[$1]) }
    }
}

/// What the transfers of a shared plan take of each device; clocks change nothing of it.
struct SharedTransferEnergy {
    let table: EnergyTable
    /// The problem's device of each of the cluster.
    let places: [Int]
    /// By device of the cluster; nil where a power of it is unknown.
    let sentJ: [Double?]
    let receivedJ: [Double?]

    init(_ transfers: Transfers, _ shared: SharedGraph, of asked: SharedProblem) {
        let table = EnergyTable(asked.problem)
        let cluster = asked.cluster
        let places = asked.devices.map { device in
            asked.problem.devices.firstIndex { $0.id == device.id } ?? 0
        }
        var sentJ: [Double?] = cluster.devices.map { _ in 0 }
        var receivedJ = sentJ
        for transfer in transfers.all {
            let (from, to) = (transfer.from, transfer.to)
            let rate = cluster.bandwidthBytesPerS[from][to]
            let movingS = cluster.movingS(
                shared.byteCount(TensorRegion(transfer.tensor, transfer.region)), from: from, to: to)
            sentJ[from] = Self.sum(
                sentJ[from], table.transferPowerW(places[from], .upload, bytesPerS: rate).map { $0 * movingS })
            receivedJ[to] = Self.sum(
                receivedJ[to], table.transferPowerW(places[to], .download, bytesPerS: rate).map { $0 * movingS })
        }
        self.table = table
        self.places = places
        self.sentJ = sentJ
        self.receivedJ = receivedJ
    }

    static func sum(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return nil }
        return first + second
    }
}
