import ArgumentParser
import Cluster
import Costs
import JSON
import MQTT

struct ReplanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replan",
        abstract: "Ask the leader for a new plan, wait, and print it or why the old one stays.",
        discussion: """
            An objective, a service, limits, pins, clocks or sharing that are given stay in force for the model until \
            the next request that gives any of them, also where another board takes the lead; what is left out then \
            is as the leader's configuration says. They are forgotten when the cluster and its broker restart. A plan \
            in force that breaks a limit is replaced; where no plan keeps the limits, or a figure is unknown, the \
            plan in force stays and the answer says why.

            EXIT CODES
              0  every model has a new plan, or keeps its plan for a stated reason
              1  no broker, no leader, no answer in time, or a model that has no plan now

            EXAMPLES
              lamella replan
              lamella replan --model digits --reason "moved a board"
              lamella replan --model digits --objective carbon --max-latency 0.5
              lamella replan --objective energy --max-energy nano=2 --max-carbon 0.01
              lamella replan --model digits --pin node_conv2d=nano --clock nano=921.6e6
              lamella replan --model digits --sharing on
              lamella replan --json
            """)

    @OptionGroup var options: BrokerOptions

    @Option(name: .long, help: "Only this model (default: all).")
    var model: String?

    @OptionGroup var goal: GoalOptions

    @Option(name: .long, help: "Why you ask; stands in the events and in the plan.")
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("Longest wait for the leader's answer.", valueName: "seconds"))
    var timeout: Double = 30

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    enum Problem: Error, CustomStringConvertible {
        case noLeader(String)
        case unknownModel(String, known: [String])
        case noAnswer(leader: NodeID, after: Double)
        case brokerSilent(BrokerAddress, after: Double)

        var description: String {
            switch self {
            case .noLeader(let cluster): "cluster \(cluster) has no leader: see lamella status"
            case .unknownModel(let model, let known):
                "model \(model) is not in the cluster; there "
                    + (known.isEmpty ? "is none" : "is: \(known.joined(separator: ", "))")
            case .noAnswer(let leader, let seconds):
                "the leader, board \(leader), did not answer within \(Readable.seconds(seconds)): see lamella status"
            case .brokerSilent(let broker, let seconds):
                "the broker at \(broker) said nothing within \(Readable.seconds(seconds))"
            }
        }
    }

    /// What is printed.
    private struct Answer: Encodable {
        var replies: [ReplanReply]
        /// The plans now in force.
        var plans: [PlanRecord]
    }

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout must be above 0 and at most 3600") }
        if let model, let problem = TopicName.problem(with: model) {
            throw ValidationError("'\(model)' is no name of a model: \(problem)")
        }
    }

    func run() async throws {
        let address = try options.address
        let observer = try ClusterObserver(broker: address, cluster: options.clusterName, purpose: "lamella-replan")
        var conversation = Conversation(model: model)
        var leader: NodeID?
        let answer: Answer? = try await observer.run(until: .now + .seconds(timeout)) { observation, known in
            switch observation {
            case .disconnected(let reason): throw ClusterObserver.Failure.broker(reason)
            case .caughtUp:
                guard leader == nil else { return nil }
                guard let record = known.liveLeader else { throw Problem.noLeader(options.clusterName) }
                if let model, !known.models.contains(where: { $0.name == model }) {
                    throw Problem.unknownModel(model, known: known.models.map(\.name))
                }
                leader = record.node
                conversation.models = model.map { [$0] } ?? known.models.map(\.name)
                let request = ReplanRequest(
                    model: model, objective: goal.objective, service: goal.service,
                    constraints: try goal.constraints, pins: try goal.pins, clocks: try goal.clocks,
                    sharing: goal.sharing, reason: reason, client: observer.clientName)
                try observer.client.publish(
                    try OutboundMessage.replan(request).publication(in: options.clusterName))
            case .reply(let reply): conversation.replies.append(reply)
            case .changed, .problem: break
            }
            guard conversation.isComplete(known) else { return nil }
            return Answer(replies: conversation.replies, plans: conversation.plans(known))
        }
        guard let answer else {
            throw leader.map { Problem.noAnswer(leader: $0, after: timeout) }
                ?? Problem.brokerSilent(address, after: timeout)
        }
        try print(answer)
        if answer.replies.contains(where: { $0.outcome == .failed }) { throw ExitCode.failure }
    }

    private func print(_ answer: Answer) throws {
        if json {
            Swift.print(try JSON.encode(answer, pretty: true))
            return
        }
        for reply in answer.replies {
            let name = reply.model.map { "model \($0): " } ?? ""
            switch reply.outcome {
            case .planned: Swift.print("\(name)new plan: \(reply.reason)")
            case .kept: Swift.print("\(name)the plan stays: \(reply.reason)")
            case .failed: Swift.print("\(name)no plan: \(reply.reason)")
            }
        }
        for plan in answer.plans { Swift.print("\n" + StatusReport.text(of: plan)) }
    }

    /// The replies so far, and what is still missing.
    private struct Conversation {
        var model: String?
        /// Models that are asked about; each gets one reply.
        var models: [String] = []
        var replies: [ReplanReply] = []

        init(model: String?) { self.model = model }

        /// All replies are there, and the plans that they name have arrived too.
        func isComplete(_ known: ObservedCluster) -> Bool {
            guard !replies.isEmpty else { return false }
            // A reply without a model is about the whole request.
            let answered =
                replies.contains { $0.model == nil }
                || models.allSatisfy { model in replies.contains { $0.model == model } }
            return answered
                && replies.allSatisfy { reply in
                    guard reply.outcome == .planned, let model = reply.model, let plan = reply.plan else { return true }
                    return known.plan(model).map { $0.id >= plan } ?? false
                }
        }

        func plans(_ known: ObservedCluster) -> [PlanRecord] {
            replies.compactMap { reply in reply.model.flatMap { known.plan($0) } }
        }
    }
}
