import Costs

/// Says in one sentence why no plan exists: the pin, layer or links that stop it, or the bytes that are missing.
public enum Infeasibility {
    public static func sentence(_ problem: Problem, table: CostTable) -> String {
        structural(problem, table) ?? bytesMissing(problem, table)
    }

    /// What stops every plan whatever the limits are; nil where nothing does.
    static func structural(_ problem: Problem, _ table: CostTable) -> String? {
        pinnedLayersTooLarge(problem, table) ?? layerTooLarge(problem, table) ?? notJoined(problem, table)
    }

    private static func pinnedLayersTooLarge(_ problem: Problem, _ table: CostTable) -> String? {
        for device in 0..<table.deviceCount {
            let layers = table.pinned.indices.filter { table.pinned[$0] == device }
            guard !layers.isEmpty else { continue }
            let bytes =
                layers.reduce(0) { $0 + table.weightBytes[$1] }
                + (layers.map { table.workingPeakBytes[$0] }.max() ?? 0) + table.runtimeBytes[device]
            guard bytes > table.memoryBytes[device] else { continue }
            let names =
                layers.count <= 4
                ? layers.map { problem.layers[$0].name }.joined(separator: ", ") : "\(layers.count) layers"
            return
                "\(problem.model): the layers pinned to \(problem.devices[device].id) (\(names)) need \(bytes) bytes "
                + "there and it offers \(table.memoryBytes[device]); pin fewer or give it more memory"
        }
        return nil
    }

    private static func layerTooLarge(_ problem: Problem, _ table: CostTable) -> String? {
        for layer in 0..<table.layerCount where table.pinned[layer] == nil {
            let fits = (0..<table.deviceCount).contains {
                table.bytesAlone(layer: layer, device: $0) <= table.memoryBytes[$0]
            }
            guard !fits else { continue }
            return "\(problem.model): layer \(layer) (\(problem.layers[layer].name)) alone needs "
                + "\(table.weightBytes[layer] + table.workingPeakBytes[layer]) bytes, more than any device offers "
                + "(\(offers(problem, table))); give one of them more memory or cut the model finer"
        }
        return nil
    }

    private static func notJoined(_ problem: Problem, _ table: CostTable) -> String? {
        func isAllowed(_ layer: Int, _ device: Int) -> Bool {
            (table.pinned[layer] ?? device) == device
                && table.bytesAlone(layer: layer, device: device) <= table.memoryBytes[device]
        }
        let devices = 0..<table.deviceCount
        // Where the layer before can run, with a way there from the first.
        var reached = devices.map { isAllowed(0, $0) }
        for layer in 1..<table.layerCount {
            let next = devices.map { device in
                isAllowed(layer, device)
                    && devices.contains {
                        reached[$0] && table.transferS(after: layer - 1, from: $0, to: device).isFinite
                    }
            }
            guard !next.contains(true) else {
                reached = next
                continue
            }
            func names(_ isMeant: (Int) -> Bool) -> String {
                (0..<table.deviceCount).filter(isMeant).map { problem.devices[$0].id.name }.joined(separator: ", ")
            }
            let before = names { reached[$0] }
            let here = names { isAllowed(layer, $0) }
            let reason = table.pinned[layer] == nil ? "can only run on" : "is pinned to"
            return
                "\(problem.model): layer \(layer) (\(problem.layers[layer].name)) \(reason) \(here), and no link joins "
                + "that with where the layer before can run (\(before)); add a link or change the pin"
        }
        return nil
    }

    static func bytesMissing(_ problem: Problem, _ table: CostTable) -> String {
        let weights = table.weightBytes.reduce(0, +)
        let peak = table.workingPeakBytes.max() ?? 0
        let smallest = table.workingPeakBytes.min() ?? 0
        let offered = zip(table.memoryBytes, table.runtimeBytes).reduce(0) { $0 + max(0, $1.0 - $1.1) }
        let total =
            weights + peak > offered
            ? "more than all of them together" : "and no share of the layers among them fits"
        return
            "\(problem.model): the model needs \(weights + peak) bytes (weights \(weights), activations up to \(peak) "
            + "and at least \(smallest) on each device used), \(total) (\(offers(problem, table))); "
            + "give a device more memory or add a device"
    }

    private static func offers(_ problem: Problem, _ table: CostTable) -> String {
        (0..<table.deviceCount).map { device in
            let runtime = table.runtimeBytes[device]
            return "\(problem.devices[device].id) \(table.memoryBytes[device])"
                + (runtime > 0 ? " of which its runtime takes \(runtime)" : "")
        }.joined(separator: ", ")
    }
}
