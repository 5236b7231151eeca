import Costs
import Sharing
import SharingPlans

/// What a shared plan costs with each device at one of its operating points.
struct SharedPrice {
    /// Preprocessing included.
    let latencyS: Double
    /// Seconds for which each device of the cluster computes, preprocessing included.
    let busyS: [Double]
    let energy: SharedEnergy
    /// Of all devices that have a part in the plan; nil where unknown.
    let energyJ: Double?
    let carbonG: Double?
    /// How far limits of the problem are broken, as parts of them, summed; 0 where all are kept.
    let violation: Double

    /// Nil where a figure of it is unknown.
    func value(_ objective: Objective) -> Double? {
        switch objective {
        case .latency, .throughput: latencyS
        case .energy: energyJ
        case .carbon: carbonG
        }
    }
}

/// Prices an assignment at any operating points of its devices: what it moves is found once.
struct SharedPricer {
    let asked: SharedProblem
    let shared: SharedGraph
    let assignment: SharedAssignment
    /// Devices that have a part in the plan, by their number: they compute, hold the input or want the result.
    let members: [Int]
    private let transfers: Transfers
    private let moved: SharedTransferEnergy

    /// Throws where the assignment does not fit the graph.
    init(_ assignment: SharedAssignment, _ shared: SharedGraph, of asked: SharedProblem) throws(SharingError) {
        self.asked = asked
        self.shared = shared
        self.assignment = assignment
        transfers = try Transfers(assignment, shared)
        moved = SharedTransferEnergy(transfers, shared, of: asked)
        members = asked.devices.indices.filter { device in
            device == assignment.source || device == assignment.destination
                || assignment.layouts.contains { !$0.regions[device].isEmpty }
        }
    }

    /// Throws where a point's speed makes no sense.
    func price(at points: [Int]) throws(SharingError) -> SharedPrice {
        let clocked = try asked.at(points)
        let schedule = SharedSchedule(transfers, shared, clocked.cluster)
        let latencyS = clocked.aroundS + schedule.latencyS
        var busyS = asked.devices.indices.map { device in
            transfers.needs.reduce(0) { $0 + clocked.cluster.computeS($1[device]?.flop ?? 0, on: device) }
        }
        busyS[clocked.cluster.source] += clocked.aroundS
        let energy = SharedEnergy(moved, points: points, busyS: busyS, latencyS: latencyS)
        let carbonG = energy.totalG(of: members)
        return SharedPrice(
            latencyS: latencyS, busyS: busyS, energy: energy, energyJ: energy.totalJ(of: members), carbonG: carbonG,
            violation: violation(latencyS, energy, carbonG))
    }

    /// A limit of what is unknown is broken: nobody could say that it is kept.
    private func violation(_ latencyS: Double, _ energy: SharedEnergy, _ carbonG: Double?) -> Double {
        func over(_ value: Double?, _ limit: Double?) -> Double {
            guard let limit else { return 0 }
            guard let value else { return 1 }
            return value > limit ? (limit > 0 ? value / limit - 1 : 1) : 0
        }
        let limits = asked.problem.constraints
        let energies = limits.maximumEnergy.reduce(0) { sum, limit in
            guard let device = asked.devices.firstIndex(where: { $0.id == limit.device }), members.contains(device)
            else { return sum }
            return sum + over(energy.devices[device]?.totalJ, limit.energyJ)
        }
        return over(latencyS, limits.maximumLatencyS) + over(carbonG, limits.maximumCarbonG) + energies
    }
}
