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
    ///   - busyS: seconds for which each device of the cluster computes.
    ///   - latencyS: of the whole inference.
    init(
        _ assignment: SharedAssignment, _ shared: SharedGraph, of asked: SharedProblem, busyS: [Double],
        latencyS: Double
    ) throws(SharingError) {
        let table = EnergyTable(asked.problem)
        let cluster = asked.cluster
        let places = asked.devices.map { device in
            asked.problem.devices.firstIndex { $0.id == device.id } ?? 0
        }
        var sentJ: [Double?] = cluster.devices.map { _ in 0 }
        var receivedJ = sentJ
        for transfer in try Transfers(assignment, shared).all {
            let (from, to) = (transfer.from, transfer.to)
            let rate = cluster.bandwidthBytesPerS[from][to]
            let movingS = cluster.movingS(
                shared.byteCount(TensorRegion(transfer.tensor, transfer.region)), from: from, to: to)
            sentJ[from] = Self.sum(
                sentJ[from], table.transferPowerW(places[from], .upload, bytesPerS: rate).map { $0 * movingS })
            receivedJ[to] = Self.sum(
                receivedJ[to], table.transferPowerW(places[to], .download, bytesPerS: rate).map { $0 * movingS })
        }
        var energies: [Plan.DeviceEnergy?] = []
        for (index, device) in asked.devices.enumerated() {
            guard let computeW = table.computePowerW[places[index]][device.fastestPoint],
                let holdW = table.holdPowerW(places[index]), let sent = sentJ[index], let received = receivedJ[index]
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
        carbonG = zip(energies, places).map { energy, place in
            energy.flatMap { energy in table.gramPerJ(place).map { $0 * energy.totalJ } }
        }
        isCounted = places.map { table.isCounted[$0] }
    }

    /// Of these devices together, of those that the problem counts; nil where one is unknown.
    func totalJ(of members: [Int]) -> Double? {
        members.filter { isCounted[$0] }.reduce(Double?(0)) { Self.sum($0, devices[$1]?.totalJ) }
    }

    /// Of these devices together; nil where one is unknown.
    func totalG(of members: [Int]) -> Double? { members.reduce(Double?(0)) { Self.sum($0, carbonG[$1]) } }

    private static func sum(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return nil }
        return first + second
    }
}
