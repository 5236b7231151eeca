import Cluster
import Costs

/// What a board has loaded, with memory that runs out. It dies with its process: nothing here is on disk.
struct VirtualRunner {
    private(set) var fence = ExecutorFence()
    /// Loading or loaded, in the order in which they were asked for.
    private(set) var records: [PlanRecord] = []
    /// Another one for each process.
    var epoch = 0

    func record(_ plan: PlanID) -> PlanRecord? { records.first { $0.id == plan } }

    /// Returns the sentence of the refusal where the devices cannot hold the plan beside the others.
    mutating func load(_ record: PlanRecord, devices: [Device]) -> String? {
        guard self.record(record.id) == nil else { return nil }
        for share in record.plan.devices {
            guard let device = devices.first(where: { $0.id == share.id }) else { continue }
            let held = records.flatMap(\.plan.devices).filter { $0.id == share.id }
                .reduce(0) { $0 + $1.peakMemoryBytes }
            if held + share.peakMemoryBytes > device.memoryBytes {
                return "device \(device.id) needs \(held + share.peakMemoryBytes) bytes and has \(device.memoryBytes)"
            }
        }
        records.append(record)
        return nil
    }

    mutating func loaded(_ plan: PlanID) -> Bool {
        guard let record = record(plan) else { return false }
        if case .success = fence.loaded(plan, model: record.model.name) { return true }
        return false
    }

    mutating func drop(_ plan: PlanID) {
        records.removeAll { $0.id == plan }
        fence.dropped(plan)
    }

    /// May a tensor of the plan run? With the broken rule every loaded plan may.
    mutating func admit(_ plan: PlanID, model: String, fenced: Bool) -> String? {
        guard fenced else { return record(plan) == nil ? "plan \(plan) is not loaded" : nil }
        switch fence.admit(plan, model: model) {
        case .success: return nil
        case .failure(let refusal): return refusal.description
        }
    }

    /// The process died; a new one starts with nothing.
    mutating func die() {
        let next = epoch + 1
        self = VirtualRunner()
        epoch = next
    }
}
