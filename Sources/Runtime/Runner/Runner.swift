import Cluster
import Costs
import Logging
import NIOCore
import NIOPosix

/// A board's data plane: holds weights and sessions, takes tensors, runs segments, sends the results on.
///
/// It decides nothing: commands come from the board's agent, what happens is told by reports. All state belongs to
/// one event loop (`RunnerCore`); models load and run on threads of their own.
public final class Runner: Sendable {
    private let core: NIOLoopBound<RunnerCore>
    private let loop: any EventLoop
    /// Where other runners and the agent connect.
    public let endpoint: Endpoint

    /// Starts a runner: opens its weight store and listens.
    ///
    /// - Parameter report: called on the runner's event loop, in order; it must not block.
    /// - Throws: one sentence: the folder or the address cannot be used.
    public static func start(
        _ options: RunnerOptions, group: any EventLoopGroup, logger: Logger,
        report: @escaping @Sendable (RunnerReport) -> Void
    ) async throws -> Runner {
        let loop = group.next()
        // Opening the store reads and makes files, which the cooperative pool must not wait for.
        let (store, accepted) = try await NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            (
                try WeightStore(directory: options.weightsDirectory, limitBytes: options.storeLimitBytes),
                try AcceptedPlans.read(options.acceptedPlansFile)
            )
        }.get()
        let core = try await loop.submit {
            NIOLoopBound(
                RunnerCore(
                    options: options, store: store, accepted: accepted, loop: loop, logger: logger, report: report),
                eventLoop: loop)
        }.get()
        let channel: any Channel
        do {
            channel = try await TransportSockets.configure(ServerBootstrap(group: loop))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try core.value.accept(channel) }
                }
                .bind(host: options.host, port: options.port).get()
        } catch {
            throw TransportError(
                "the runner of board \(options.node) cannot listen on \(options.host):\(options.port): \(error)")
        }
        let port = channel.localAddress?.port ?? options.port
        try await loop.submit { core.value.started(listener: channel, port: port) }.get()
        return Runner(core: core, loop: loop, endpoint: Endpoint(host: options.host, port: port))
    }

    private init(core: NIOLoopBound<RunnerCore>, loop: any EventLoop, endpoint: Endpoint) {
        self.core = core
        self.loop = loop
        self.endpoint = endpoint
    }

    /// Carries out a command, from any thread. What becomes of it is told by reports.
    public func handle(_ command: RunnerCommand) {
        let core = core
        loop.execute { core.value.handle(command) }
    }

    /// Median time of all runs of all segments that were not reported yet; 0 where there was none.
    func medianSegmentS() async -> Double {
        let core = core
        return (try? await loop.submit { core.value.medianSegmentS() }.get()) ?? 0
    }

    /// Closes every connection and frees every session.
    public func stop() async {
        let core = core
        try? await loop.submit { core.value.stop() }.get()
    }
}
