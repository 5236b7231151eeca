import Cluster
import Costs
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The state of a runner. Everything here happens on its event loop; extensions hold the parts.
final class RunnerCore {
    /// A plan that this board prepares or runs.
    final class HeldPlan {
        enum Phase { case preparing, ready, draining }

        let reference: PlanReference
        let cancellation = Cancellation()
        var phase = Phase.preparing
        var committed = false
        var program: PlanProgram?
        /// This board's segments, by their place in the chain.
        var segments: [Int: LoadedSegment] = [:]
        /// This board's part where operators are shared, and the requests under way, oldest first.
        var sharing: LoadedSharing?
        var sharedRuns: [RequestKey: SharedRun] = [:]
        var sharedOrder: [RequestKey] = []
        /// When each of them last came on here.
        var sharedSeen: [RequestKey: Duration] = [:]
        /// Tensors of the plan that are in the executor or wait for it.
        var running = 0
        /// Times of each segment since the last report.
        var computeS: [Int: [Double]] = [:]
        var ready: RunnerReport.Ready?
        /// The most memory that the runner needed for it alone (nil: unknown).
        var peakBytes: Int?

        init(_ reference: PlanReference) { self.reference = reference }
    }

    let loadMemory = LoadMemory()
    /// The kernel's peak covers no loading, and nothing of plans that are gone.
    var isPeakOfRunning = false
    let options: RunnerOptions
    let node: NodeID
    let limits: TransportLimits
    let store: WeightStore
    let loop: any EventLoop
    let logger: Logger
    let report: (RunnerReport) -> Void
    var configuration = RunnerConfiguration()
    var fence: ExecutorFence
    var plans: [PlanID: HeldPlan] = [:]
    /// Requests of our own clients that wait for their result.
    var held: [RequestKey: FrameConnection] = [:]
    var links: [NodeID: PeerLink] = [:]
    var senders: [NodeID: PacedSender] = [:]
    var accepted: [ObjectIdentifier: FrameConnection] = [:]
    var blobWaiter: BlobWaiter?
    var reportedLinkCounts: [NodeID: Int] = [:]
    let executor: SegmentExecutor
    /// Loads plans, one after another.
    let loader = NIOThreadPool(numberOfThreads: 1)
    /// Reads blobs for peers.
    let reader = NIOThreadPool(numberOfThreads: 1)
    let runtime = RuntimeHolder()
    private var listener: (any Channel)?
    private var reports: RepeatedTask?

    init(
        options: RunnerOptions, store: WeightStore, accepted: [StoredState.AcceptedPlan], loop: any EventLoop,
        logger: Logger, report: @escaping (RunnerReport) -> Void
    ) {
        self.options = options
        self.store = store
        self.loop = loop
        self.logger = logger
        self.report = report
        node = options.node
        limits = options.limits
        fence = ExecutorFence(accepted: accepted)
        executor = SegmentExecutor(loop: loop, limits: options.limits)
        loader.start()
        reader.start()
    }

    func started(listener: any Channel, port: Int) {
        self.listener = listener
        let interval = TimeAmount.nanoseconds(Int64(options.reportIntervalS * 1e9))
        let bound = NIOLoopBound(self, eventLoop: loop)
        reports = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.reportMeasurements()
        }
        report(
            .started(
                .init(
                    node: node, port: port, processID: Int(getpid()),
                    memoryBytes: ProcessMemory.residentBytes() ?? 0)))
    }

    func handle(_ command: RunnerCommand) {
        switch command {
        case .configure(let configuration): configure(configuration)
        case .addPeer(let peer): add(peer)
        case .fetch(let request): fetch(request)
        case .prepare(let request): prepare(request)
        case .commit(let reference): commit(reference)
        case .drain(let reference): drain(reference)
        case .abandon(let reference): abandon(reference)
        }
    }

    func stop() {
        reports?.cancel()
        listener?.close(promise: nil)
        for plan in plans.values { plan.cancellation.cancel() }
        // Without links first, so that what is lost with one is not sent over another.
        let connected = links
        links = [:]
        for link in connected.values { link.disconnect("the runner stops") }
        for connection in accepted.values { connection.close("the runner stops") }
        failBlobWaiter("the runner stops")
        plans = [:]
        executor.stop()
        loader.shutdownGracefully { _ in }
        reader.shutdownGracefully { _ in }
    }

    /// Tells what segments took and what links showed since the last time.
    func reportMeasurements() {
        report(.alive)
        // Before the pings, which are on their way then.
        probeIdleLink()
        let memoryBytes = ProcessMemory.residentBytes() ?? 0
        if plans.count == 1, isPeakOfRunning, let only = plans.values.first, let loadPeakBytes = only.peakBytes,
            let peakBytes = ProcessMemory.peakBytes()
        {
            only.peakBytes = max(loadPeakBytes, peakBytes)
        }
        for id in plans.keys.sorted() {
            guard let plan = plans[id] else { continue }
            for (segment, times) in plan.computeS.sorted(by: { $0.key < $1.key }) {
                report(
                    .measured(
                        .init(
                            plan: id, model: plan.reference.model, segment: segment, computeS: median(times) ?? 0,
                            count: times.count, memoryBytes: memoryBytes, peakMemoryBytes: plan.peakBytes)))
            }
            plan.computeS = [:]
        }
        for peer in links.keys.sorted() {
            reportLink(to: peer)
            links[peer]?.ping()
        }
    }

    /// Tells what a link showed, where it showed anything since it was told last.
    func reportLink(to peer: NodeID) {
        guard let link = links[peer] else { return }
        let count = link.estimator.count
        guard count != reportedLinkCounts[peer, default: 0] else { return }
        reportedLinkCounts[peer] = count
        report(
            .link(
                .init(
                    peer: peer, bandwidthBytesPerS: link.estimator.bandwidthBytesPerS,
                    latencyS: link.estimator.latencyS, count: count, transferCount: link.estimator.transferCount)))
    }

    /// Not while a request is under way here: a probe would take its bandwidth, and be taken for a slow link.
    private func probeIdleLink() {
        for plan in plans.values { forgetSilent(plan) }
        guard configuration.probesLinks, held.isEmpty, !isSharing, !plans.values.contains(where: { $0.running > 0 })
        else { return }
        let standing = links.keys.sorted().compactMap { links[$0]?.probed }
        guard let (peer, bytes) = ProbeSchedule.next(standing, now: MonotonicClock.now) else { return }
        links[peer]?.probe(bytes: bytes)
    }

    func medianSegmentS() -> Double { median(plans.values.flatMap { $0.computeS.values.flatMap { $0 } }) ?? 0 }
}
