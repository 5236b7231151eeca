import Sharing

/// When everything of a shared inference happens, by the data that it depends on and nothing else.
///
/// Device d runs its operators in the graph's order. With end(v,d) the end of operator v on d, and v' the one that d
/// ran before:
///
///     start(v,d) = max( end(v',d), arrival of every region that d receives for v )
///     end(v,d)   = start(v,d) + F(v,d) / speed(d)
///
/// A region that e computed by operator p is given to the link from e to d at end(p,e); links do not hold up devices.
/// Each link (an ordered pair of devices) moves one region at a time, in the order in which it was given them:
///
///     begin(t)   = max( end(p,e), begin(t') + bytes(t') / B(e,d) )
///     arrival(t) = begin(t) + bytes(t) / B(e,d) + latency(e,d)
///
/// for the region t' before it. This is the order of steps in `SharedProgram`. The latency is the time at which the
/// destination has run its last operator and holds all results.
public struct SharedSchedule: Equatable, Sendable {
    public struct Span: Equatable, Sendable {
        public var startS: Double
        public var endS: Double
    }

    /// By operator and device (nil: idle).
    public let runs: [[Span?]]
    /// When each transfer is on its link, in the order of `Transfers.all`; without the link's latency.
    public let transfers: [Span]
    public let latencyS: Double

    public init(_ moved: Transfers, _ shared: SharedGraph, _ cluster: SharingCluster) {
        let count = shared.graph.operators.count
        var incoming = [[Int]](repeating: [], count: count + 1)
        // By producer, inputs of the graph first.
        var outgoing = incoming
        for (index, transfer) in moved.all.enumerated() {
            incoming[transfer.consumer].append(index)
            outgoing[transfer.producer + 1].append(index)
        }
        var clock = [Double](repeating: 0, count: cluster.deviceCount)
        var free = [[Double]](repeating: clock, count: cluster.deviceCount)
        var spans = [Span](repeating: Span(startS: 0, endS: 0), count: moved.all.count)
        var arrivals = [Double](repeating: 0, count: moved.all.count)
        var runs: [[Span?]] = []
        runs.reserveCapacity(count)

        func send(_ indices: [Int], at ends: (Int) -> Double) {
            for index in indices {
                let transfer = moved.all[index]
                let start = max(ends(transfer.from), free[transfer.from][transfer.to])
                let end =
                    start
                    + cluster.movingS(
                        shared.byteCount(TensorRegion(transfer.tensor, transfer.region)), from: transfer.from,
                        to: transfer.to)
                free[transfer.from][transfer.to] = end
                spans[index] = Span(startS: start, endS: end)
                arrivals[index] = end + cluster.latencyS[transfer.from][transfer.to]
            }
        }

        send(outgoing[0]) { _ in 0 }
        for position in 0...count {
            for index in incoming[position] {
                clock[moved.all[index].to] = max(clock[moved.all[index].to], arrivals[index])
            }
            guard position < count else { break }
            runs.append(
                moved.needs[position].enumerated().map { device, needs in
                    guard let needs else { return nil }
                    let start = clock[device]
                    clock[device] += cluster.computeS(needs.flop, on: device)
                    return Span(startS: start, endS: clock[device])
                })
            // A sender has just computed what it sends.
            send(outgoing[position + 1]) { clock[$0] }
        }
        self.runs = runs
        transfers = spans
        latencyS = clock[cluster.destination]
    }
}
