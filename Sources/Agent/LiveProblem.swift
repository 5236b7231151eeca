import Cluster
import Costs
import ModelGraph

/// The planner's problem for one model on the boards that are there.
package enum LiveProblem {
    /// - Parameters:
    ///   - carbon: what is known of the grids now.
    ///   - layers: the model's, at the granularity in which the plan shall be made.
    ///   - inputBytes: size of the model's input tensor, which enters at the source.
    /// - Throws: ``LiveProblemError`` where the source or destination is on no live board.
    package static func make(
        model: ModelRecord, layers: [GraphLayer], inputBytes: Int, members: [NodeCapabilities],
        assumedBandwidthBytesPerS: Double, goal: PlanGoal = PlanGoal(), carbon: [ZoneIntensity] = [],
        nowS: Double? = nil
    ) throws -> Problem {
        let members = members.sorted { $0.node < $1.node }
        let paces = members.flatMap { $0.paces ?? [] }
        let profiles = profiles(of: model, members)
        var (devices, carbonInputs) = try LiveCarbon.apply(
            carbon,
            to: members.flatMap(\.devices).sorted { $0.id < $1.id }.map { paces.corrected($0, for: model.name) },
            goal: goal)
        devices = try clocked(devices, by: goal)
        for (end, device) in [("source", model.source), ("destination", model.destination)] {
            guard devices.contains(where: { $0.id == device }) else {
                throw LiveProblemError(
                    "model \(model.name): its \(end) \(device) is on no live board "
                        + "(live: \(members.map(\.node.name).joined(separator: ", ")))")
            }
        }
        let (links, linkInputs) = LiveLinks.make(
            members: members, devices: devices, assumedBandwidthBytesPerS: assumedBandwidthBytesPerS)
        let deviceInputs =
            devices.map {
                InputSource(figure: "FLOP/s and memory of \($0.id)", source: "configuration of \($0.node)")
            } + speedInputs(members, nowS: nowS) + paceInputs(paces.filter { $0.shared != true }, model: model.name)
        let (constraints, limitInputs) = limits(of: goal, on: devices)
        var problem = try Problem(
            model: model.name, graphLayers: layers, inputBytes: inputBytes, devices: devices, links: links,
            source: model.source, destination: model.destination, weights: .resident,
            pins: pins(of: goal, model, on: devices), inputs: deviceInputs + linkInputs + carbonInputs + limitInputs)
        problem.objective = goal.objective
        problem.service = goal.service
        problem.constraints = constraints
        let entry = members.first { $0.devices.contains { $0.id == model.source } }
        if let cost = entry?.requestCosts?.first(where: { $0.model == model.name }) {
            problem.requestS = cost.eachS
            problem.inputs.append(waitInput("requests on \(model.source)", "beside their layers", cost))
        }
        if goal.sharing ?? .off != .off {
            let shared = sharedPaces(paces, model: model.name, devices)
            if !shared.isEmpty { problem.sharedPaces = shared }
            problem.inputs += paceInputs(paces.filter { $0.shared == true }, model: model.name)
            if let cost = entry?.messages?.first(where: { $0.model == model.name }) {
                problem.messageS = cost.eachS
                problem.inputs.append(waitInput("messages of shared plans", "beside their bytes", cost))
            }
        }
        return try problem.measured(by: profiles, nowS: nowS) { device, frequencyHz in
            paces.pace(of: model.name, on: device, frequencyHz: frequencyHz)?.ratio ?? 1
        }
    }

    /// What boards measured of the model's layers.
    package static func profiles(of model: ModelRecord, _ members: [NodeCapabilities]) -> [ProfileSummary] {
        members.flatMap { member in
            (member.profiles ?? []).prefix(ClusterLimits.profilesPerBoard).filter { profile in
                profile.graphSHA256 == model.graphSHA256 && member.devices.contains { $0.id == profile.device }
            }
        }
    }

    /// A pin of a device that is not there waits for it no less than the source does.
    private static func pins(
        of goal: PlanGoal, _ model: ModelRecord, on devices: [Device]
    ) throws -> [(layer: String, device: DeviceID)] {
        try (goal.pins ?? []).map { pin in
            guard devices.contains(where: { $0.id == pin.device }) else {
                throw LiveProblemError(
                    "model \(model.name): layer \(pin.layer) is pinned to \(pin.device), which is on no live board")
            }
            return (layer: pin.layer, device: pin.device)
        }
    }

    static func megahertz(_ frequencyHz: Double) -> String { "\((frequencyHz / 1e5).rounded() / 10) MHz" }

    /// Devices with a clock that was asked for have no other.
    private static func clocked(_ devices: [Device], by goal: PlanGoal) throws -> [Device] {
        guard let clocks = goal.clocks else { return devices }
        return try devices.map { device in
            guard let clock = clocks.first(where: { $0.device == device.id }) else { return device }
            guard let point = device.points.first(where: { $0.frequencyHz == clock.frequencyHz }) else {
                let known = device.points.compactMap(\.frequencyHz).map(megahertz)
                let asked = megahertz(clock.frequencyHz)
                throw LiveProblemError(
                    "device \(device.id) cannot run at \(asked), as asked; it has "
                        + (known.isEmpty ? "no clock to choose" : known.joined(separator: ", ")))
            }
            var device = device
            device.operatingPoints = [point]
            device.flops = point.flops
            device.computePowerW = point.computePowerW ?? device.computePowerW
            return device
        }
    }

    private static func speedInputs(_ members: [NodeCapabilities], nowS: Double?) -> [InputSource] {
        members.flatMap { member in
            (member.speedSources ?? []).map { source in
                let measuredS = source.measuredAt.flatMap { UTCTime.secondsSince1970($0) }
                return InputSource(
                    figure: "\(source.figures.joined(separator: ", ")) of \(source.device)",
                    source: "\(source.source) by \(member.node)" + (source.measuredAt.map { ", \($0)" } ?? ""),
                    ageS: measuredS.flatMap { at in nowS.map { max(0, $0 - at) } })
            }
        }
    }

    /// What is known of devices that computed parts of operators, against what the problem says of them already.
    private static func sharedPaces(_ paces: [ModelPace], model: String, _ devices: [Device]) -> [SharedPace] {
        devices.compactMap { device in
            let frequencyHz = device.points[device.fastestPoint].frequencyHz
            guard let shared = paces.pace(of: model, on: device.id, frequencyHz: frequencyHz, isShared: true),
                shared.shared == true
            else { return nil }
            // Both at the clock at which the parts were measured.
            let whole = paces.pace(of: model, on: device.id, frequencyHz: shared.frequencyHz)
            return SharedPace(device: device.id, ratio: shared.ratio / (whole?.ratio ?? 1))
        }
    }

    private static func waitInput(_ figure: String, _ beside: String, _ cost: WaitCost) -> InputSource {
        InputSource(
            figure: figure,
            source: "\((cost.eachS * 1e5).rounded() / 100) ms each \(beside), over \(cost.requests) "
                + "measured requests" + (cost.measuredAt.map { ", \($0)" } ?? ""))
    }

    private static func paceInputs(_ paces: [ModelPace], model: String) -> [InputSource] {
        paces.filter { $0.model == model }.map { pace in
            let clock = pace.frequencyHz.map { " at \(($0 / 1e6).rounded()) MHz" } ?? ""
            return InputSource(
                figure: "pace of \(pace.device)\(clock)\(pace.shared == true ? " in shared plans" : "")",
                source: "\((pace.ratio * 1000).rounded() / 1000) times the time that it announces, over "
                    + "\(pace.samples) measured runs" + (pace.measuredAt.map { ", \($0)" } ?? ""))
        }
    }

    /// A device that is not there takes no energy: its limit waits for it, and the plan says so.
    private static func limits(of goal: PlanGoal, on devices: [Device]) -> (Constraints, [InputSource]) {
        var constraints = goal.constraints
        constraints.maximumEnergy.removeAll { limit in !devices.contains { $0.id == limit.device } }
        let absent = goal.constraints.maximumEnergy.filter { !constraints.maximumEnergy.contains($0) }
        return (
            constraints,
            absent.map {
                InputSource(figure: "energy limit of \($0.device)", source: "left out: it is on no live board")
            }
        )
    }
}

/// Why there is no problem to solve, in one sentence.
package struct LiveProblemError: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
