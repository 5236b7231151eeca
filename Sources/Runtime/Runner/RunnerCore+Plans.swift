import Board
import Cluster
import Costs
import NIOCore

/// Plans come and go: prepare, commit, drain, abandon.
extension RunnerCore {
    func fetch(_ request: FetchRequest) {
        let fetcher = makeFetcher(Cancellation())
        loader.runIfActive(eventLoop: loop) {
            var receivedBytes = 0
            for sha256 in request.sha256 { receivedBytes += try fetcher.fetch(sha256, from: request.from) }
            return receivedBytes
        }
        .assumeIsolated()
        .whenComplete { result in
            switch result {
            case .success(let receivedBytes):
                self.report(.fetched(.init(sha256: request.sha256, receivedBytes: receivedBytes)))
            case .failure(let error):
                self.report(
                    .refused(.init(plan: nil, model: nil, reason: "\(error)", diskIsFull: Self.isFullDisk(error))))
            }
        }
    }

    func prepare(_ request: PrepareRequest) {
        let reference = PlanReference(plan: request.record.id, model: request.record.model.name)
        if let there = plans[reference.plan] {
            // Asked again: what is under way will be reported; what is done is reported again.
            if let ready = there.ready { report(.ready(ready)) }
            return
        }
        let changed: Bool
        switch fence.accept(reference.plan, model: reference.model) {
        case .failure(let refusal): return refuse(reference, "\(refusal)")
        case .success(let grew): changed = grew
        }
        let plan = HeldPlan(reference)
        plans[reference.plan] = plan
        load(request, into: plan, accepted: changed ? fence.accepted : nil)
    }

    private func load(_ request: PrepareRequest, into plan: HeldPlan, accepted: [StoredState.AcceptedPlan]?) {
        let start = MonotonicClock.now
        let file = options.acceptedPlansFile
        let runtime = runtime
        let memory = loadMemory
        let isFirst = plans.count == 1
        var reusable: [SegmentIdentity: LoadedSegment] = [:]
        for segment in plans.values.flatMap(\.segments.values) { reusable[segment.identity] = segment }
        let planLoader = PlanLoader(
            node: node, store: store, fetcher: makeFetcher(plan.cancellation), configuration: configuration,
            reusable: reusable, runtime: { try runtime.get { memory.opened() } })
        loader.runIfActive(eventLoop: loop) {
            // The accepted plan is on disk before anything follows from it.
            if let accepted { try AcceptedPlans.write(accepted, to: file) }
            memory.begin()
            let loaded = Result { try planLoader.load(request) }
            let peakBytes = memory.end(isFirst: isFirst)
            return (try loaded.get(), peakBytes)
        }
        .assumeIsolated()
        .whenComplete { (result: Result<(PlanLoader.Loaded, Int?), any Error>) in
            plan.peakBytes = (try? result.get())?.1
            self.loaded(plan, request, result.map(\.0), start: start)
        }
    }

    private func loaded(
        _ plan: HeldPlan, _ request: PrepareRequest, _ result: Result<PlanLoader.Loaded, any Error>, start: Duration
    ) {
        guard plans[plan.reference.plan] === plan else { return }
        let outcome = result.flatMap { loaded in
            fence.loaded(plan.reference.plan, model: plan.reference.model).map { loaded }.mapError { $0 as any Error }
        }
        switch outcome {
        case .failure(let error):
            plans[plan.reference.plan] = nil
            refuse(plan.reference, "\(error)", diskIsFull: Self.isFullDisk(error))
        case .success(let loaded):
            plan.phase = .ready
            plan.program = loaded.program
            plan.sharing = loaded.sharing
            for segment in loaded.segments { plan.segments[segment.segment.index] = segment }
            let ready = RunnerReport.Ready(
                plan: plan.reference.plan, model: plan.reference.model,
                memoryBytes: ProcessMemory.residentBytes() ?? 0, peakMemoryBytes: plan.peakBytes,
                loadS: (MonotonicClock.now - start).inSeconds,
                receivedBytes: loaded.receivedBytes, program: loaded.program.program(for: node))
            plan.ready = ready
            // From here on the peak is that of running.
            isPeakOfRunning = ProcessMemory.resetPeak()
            report(.ready(ready))
        }
    }

    func commit(_ reference: PlanReference) {
        guard let plan = plans[reference.plan], plan.phase != .preparing else {
            return refuse(reference, "plan \(reference.plan) cannot be committed: it is not ready on board \(node)")
        }
        plan.committed = true
        report(.committed(reference))
    }

    func drain(_ reference: PlanReference) {
        guard let plan = plans[reference.plan] else { return report(.drained(reference)) }
        plan.phase = .draining
        plan.cancellation.cancel()
        finishDraining(plan)
    }

    /// Frees a draining plan once nothing of it is inside.
    func finishDraining(_ plan: HeldPlan) {
        guard plan.phase == .draining, plan.running == 0,
            !held.keys.contains(where: { $0.plan == plan.reference.plan })
        else { return }
        drop(plan)
        report(.drained(plan.reference))
    }

    func abandon(_ reference: PlanReference) {
        guard let plan = plans[reference.plan] else { return }
        plan.cancellation.cancel()
        drop(plan)
        for key in held.keys.filter({ $0.plan == reference.plan }).sorted(by: { $0.request < $1.request }) {
            refuse(key, .unknownPlan, "plan \(reference.plan) was given up on board \(node)", from: nil)
        }
    }

    private func drop(_ plan: HeldPlan) {
        fence.dropped(plan.reference.plan)
        plans[plan.reference.plan] = nil
        plan.segments = [:]
        // What it held goes back first, which may take a while; the peak of the plans that stay begins then.
        isPeakOfRunning = false
        loader.runIfActive(eventLoop: loop) {
            HeapMemory.release()
            return ProcessMemory.resetPeak()
        }
        .assumeIsolated()
        .whenSuccess { self.isPeakOfRunning = $0 }
    }

    private static func isFullDisk(_ error: any Error) -> Bool? {
        switch error {
        case let error as WeightStoreError where error.kind == .full: true
        case let error as FileError where error.isFullDisk: true
        default: nil
        }
    }

    private func refuse(_ reference: PlanReference, _ reason: String, diskIsFull: Bool? = nil) {
        logger.warning("plan \(reference.plan) of model \(reference.model) was refused: \(reason)")
        report(
            .refused(.init(plan: reference.plan, model: reference.model, reason: reason, diskIsFull: diskIsFull)))
    }

    private func makeFetcher(_ cancellation: Cancellation) -> BlobFetcher {
        let loop = loop
        let core = NIOLoopBound(self, eventLoop: loop)
        return BlobFetcher(
            store: store,
            request: { peer, sha256, offset in
                try loop.flatSubmit { core.value.requestBlob(sha256, offset: offset, from: peer) }.wait()
            }, cancellation: cancellation)
    }
}
