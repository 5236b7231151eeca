/// How layers that run after each other on a device may be bundled where bundles were measured.
///
/// Many small bundles can look faster than the one that really runs (dissertation, chapter 7), so a plan may not choose
/// more of them than it must. `sound`: each run of layers on a device is cut into as few bundles as were measured; a
/// layer that was not measured stands alone. `published` (equation 7.5): a device with n layers has at most
/// ceil(n / maximum bundle size) bundles.
public enum BundleRule {
    static func violations(of plan: Plan, in problem: Problem) -> [Violation] {
        guard !problem.bundles.isEmpty else { return [] }
        guard let bundles = plan.bundles else {
            return [.init(.bundle, "bundles were measured and the plan does not say which it uses")]
        }
        let own = bundles.filter { problem.layers[$0.first].kind == .model }
        return problem.costModel == .published ? published(own, problem) : sound(own, problem, plan.devices)
    }

    private static func published(_ bundles: [Plan.Bundle], _ problem: Problem) -> [Violation] {
        let size = problem.constraints.maximumBundleSize ?? problem.layers.count { $0.kind == .model }
        return problem.devices.compactMap { device in
            let own = bundles.filter { $0.device == device.id }
            let layerCount = own.reduce(0) { $0 + $1.last - $1.first + 1 }
            let most = (layerCount + size - 1) / size
            guard own.count > most else { return nil }
            return .init(
                .bundle,
                "device \(device.id) has \(own.count) bundles for \(layerCount) layers, at most \(most) are allowed")
        }
    }

    private static func sound(
        _ bundles: [Plan.Bundle], _ problem: Problem, _ shares: [Plan.DeviceShare]
    ) -> [Violation] {
        var found: [Violation] = []
        var start = 0
        while start < bundles.count {
            var end = start
            while end + 1 < bundles.count, bundles[end + 1].device == bundles[start].device,
                bundles[end + 1].first == bundles[end].last + 1
            {
                end += 1
            }
            let layers = bundles[start].first...bundles[end].last
            let device = bundles[start].device
            let frequencyHz = shares.first { $0.id == device }?.frequencyHz
            let least = fewest(layers, device: device, frequencyHz: frequencyHz, in: problem)
            if end - start + 1 > least {
                found.append(
                    .init(
                        .bundle,
                        "layers \(layers.lowerBound)..\(layers.upperBound) on \(bundles[start].device) are cut into "
                            + "\(end - start + 1) bundles, and \(least) were enough"))
            }
            start = end + 1
        }
        return found
    }

    /// The fewest bundles that cover consecutive layers of a device.
    static func fewest(
        _ layers: ClosedRange<Int>, device: DeviceID, frequencyHz: Double?, in problem: Problem
    ) -> Int {
        let size = problem.constraints.maximumBundleSize ?? .max
        let measured = Set(
            problem.bundles.filter {
                $0.device == device && $0.frequencyHz == frequencyHz && $0.last - $0.first + 1 <= size
            }
            .map { [$0.first, $0.last] })
        var least = [Int](repeating: .max, count: layers.count + 1)
        least[0] = 0
        for end in 1...layers.count {
            for begin in max(0, end - min(size, layers.count))..<end {
                let first = layers.lowerBound + begin
                let last = layers.lowerBound + end - 1
                guard first == last || measured.contains([first, last]) else { continue }
                least[end] = min(least[end], least[begin] + 1)
            }
        }
        return least[layers.count]
    }
}
