import Foundation
import Sharing
import SharingPlans
import Testing

/// `unified` against every other planner over clusters of many kinds. All of it, every fixture on 2, 4, 6 and 8
/// devices, takes the better part of an hour: `LAMELLA_SHARING_SWEEP=all`, or names of fixtures; with
/// `LAMELLA_SHARING_SWEEP_DEVICES=4` on so many devices only.
@Suite struct SharingSweepTests {
    private struct Case: CustomStringConvertible {
        let model: String
        let devices: Int
        let megabitPerS: Double
        let isEqual: Bool
        let isTight: Bool

        var description: String {
            "\(model) \(devices) devices \(Int(megabitPerS)) Mbit/s \(isEqual ? "equal" : "unequal") "
                + (isTight ? "tight" : "ample")
        }
    }

    private struct Figures {
        var gaps: [Double] = []
        var planningS: [Double] = []
        /// By planner: how often it was matched by no other but `unified`.
        var unfitting = 0
    }

    static let named = ProcessInfo.processInfo.environment["LAMELLA_SHARING_SWEEP"]
    static let deviceCount = ProcessInfo.processInfo.environment["LAMELLA_SHARING_SWEEP_DEVICES"].flatMap(Int.init)
    static let fixtures = [
        "alexnet", "bert_base", "efficientnet_b0", "googlenet", "gpt2", "inception_v3", "mobilenet",
        "mobilenet_v3_large", "qwen2_0_5b", "regnet_y_400mf", "resnet101", "resnet18", "resnet50", "squeezenet1_1",
        "ssdlite320", "vgg11", "vgg13", "vgg16", "vgg19", "vit_b_16",
    ]

    @Test func `no other planner is better on a few clusters`() throws {
        let shared = try SharingFixtureTests.load("squeezenet1_1")
        var figures = Figures()
        for devices in [2, 4] {
            for isTight in [false, true] {
                let one = Case(
                    model: "squeezenet1_1", devices: devices, megabitPerS: 100, isEqual: !isTight, isTight: isTight)
                try run(one, shared, &figures)
            }
        }
        #expect(figures.unfitting == 0)
    }

    @Test(
        .enabled(
            if: named != nil, "takes most of an hour; LAMELLA_SHARING_SWEEP=all runs it, or names of fixtures"),
        arguments: fixtures)
    func `no other planner is better on any cluster`(model: String) throws {
        let wanted = Self.named ?? ""
        guard wanted == "all" || wanted.split(separator: ",").contains(Substring(model)) else { return }
        let shared = try SharingFixtureTests.load(model)
        var figures = Figures()
        for devices in [4, 2, 6, 8] where Self.deviceCount.map({ $0 == devices }) ?? true {
            for megabitPerS in [10.0, 100, 1000, 2000] {
                for isEqual in [true, false] {
                    for isTight in [false, true] {
                        let one = Case(
                            model: model, devices: devices, megabitPerS: megabitPerS, isEqual: isEqual,
                            isTight: isTight)
                        try run(one, shared, &figures)
                    }
                }
            }
        }
        let gaps = figures.gaps.sorted()
        let times = figures.planningS.sorted()
        print(
            "SUM", model, "plans", gaps.count, "unfitting", figures.unfitting, "gap median",
            gaps.isEmpty ? 0 : gaps[gaps.count / 2], "largest", gaps.last ?? 0, "planning s median",
            times[times.count / 2], "largest", times.last ?? 0)
    }

    private func run(_ one: Case, _ shared: SharedGraph, _ figures: inout Figures) throws {
        let ample = try UnifiedTests.cluster(one.devices, megabitPerS: one.megabitPerS, isEqual: one.isEqual)
        let local = try SharingSystem.local.plan(shared, on: ample).evaluation
        // A fifth more than an even part of the weights, and the activations of one board.
        let tight = local.weightBytes[0] * 12 / 10 / one.devices + local.peakBytes[0] - local.weightBytes[0]
        let cluster = try UnifiedTests.cluster(
            one.devices, megabitPerS: one.megabitPerS, isEqual: one.isEqual,
            memoryBytes: one.isTight ? tight : nil)
        let start = Self.threadTimeS()
        let outcome = try Unified.plan(shared, cluster, GeneFlowLPTests.options)
        let planningS = Self.threadTimeS() - start
        let own = outcome.plan.evaluation
        let others = outcome.candidates.dropLast().filter { $0.system != .unified }
        #expect(Set(others.map(\.system)).count == SharingSystem.allCases.count - 1)
        for other in others {
            #expect(
                (own.excessBytes, own.latencyS) <= (other.evaluation.excessBytes, other.evaluation.latencyS),
                "\(one): \(other.system.rawValue)")
        }
        for plan in outcome.candidates where plan.evaluation.fits {
            #expect(plan.evaluation.latencyS >= outcome.boundS * (1 - 1e-9), "\(one): \(plan.system.rawValue)")
        }
        #expect(own.excessBytes >= outcome.leastExcessBytes)
        try SharedProgram(outcome.plan.assignment, shared).verify(shared)
        figures.planningS.append(planningS)
        if let gap = outcome.gap, own.fits { figures.gaps.append(gap) }
        if !own.fits { figures.unfitting += 1 }
        guard Self.named != nil else { return }
        let best = others.filter { !one.isTight || $0.evaluation.fits }.min {
            $0.evaluation.latencyS < $1.evaluation.latencyS
        }
        print(
            "CASE", one, own.fits ? "fits" : "exceeds by \(own.excessBytes)", "ms", own.latencyS * 1e3, "gap",
            outcome.gap ?? -1, "best other", best?.system.rawValue ?? "none",
            (best?.evaluation.latencyS ?? -1) * 1e3, "single ms", local.latencyS * 1e3, "planned in s", planningS)
    }

    /// Time that this thread has computed, so that other work on the machine does not count.
    static func threadTimeS() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
