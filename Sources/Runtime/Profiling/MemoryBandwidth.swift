import Board
import Costs
@preconcurrency import Dispatch

/// How fast the processor moves memory: the four loops of STREAM (McCalpin, "Memory Bandwidth and Machine Balance in
/// Current High Performance Computers", IEEE TCCA Newsletter, December 1995), bytes counted as there: what a loop
/// reads and writes, not what caches fetch beside it.
public struct MemoryBandwidth: Sendable, Equatable {
    /// The best repetition of each loop, in bytes/s.
    public var copyBytesPerS: Double
    public var scaleBytesPerS: Double
    public var addBytesPerS: Double
    public var triadBytesPerS: Double
    /// Bytes of each of the three arrays.
    public var arrayBytes: Int

    /// STREAM's rule: each array at least four times the last cache.
    public static let cacheMultiple = 4
    public static let maximumArrayBytes = 128 << 20
    public static let minimumArrayBytes = 1 << 20
    /// Arrays together take no more than this part of what is free.
    public static let freeMemoryPart = 4
    /// Where the kernel does not tell the caches.
    public static let assumedCacheBytes = 8 << 20
    public static let repetitions = 10

    /// Bytes of an array; nil where even the smallest does not fit.
    ///
    /// - Parameters:
    ///   - cacheBytes: of the last cache; nil: unknown.
    ///   - availableBytes: nil: unknown.
    public static func arrayBytes(cacheBytes: Int?, availableBytes: Int?) -> Int? {
        let cache = min(max(cacheBytes ?? assumedCacheBytes, 0), maximumArrayBytes)
        let wanted = min(max(cacheMultiple * cache, 16 << 20), maximumArrayBytes)
        let bytes = min(wanted, (availableBytes ?? .max) / (3 * freeMemoryPart)) & ~0xFFF
        return bytes >= minimumArrayBytes ? bytes : nil
    }

    /// Are the arrays large enough by STREAM's rule? Else caches may help, and the figure is too high. Nil: unknown.
    public static func isCacheCovered(_ arrayBytes: Int, cacheBytes: Int?) -> Bool? {
        cacheBytes.map { arrayBytes / cacheMultiple >= $0 }
    }

    /// Measures. Blocks for about a second.
    ///
    /// - Parameter threads: that share each loop.
    public static func measure(
        arrayBytes: Int, threads: Int, repetitions: Int = repetitions
    ) -> MemoryBandwidth {
        let count = arrayBytes / 8
        let arrays = Arrays(count: count)
        defer { arrays.free() }
        var best = [Double](repeating: .infinity, count: 4)
        // The first round makes pages and fills translations; it does not count, as in STREAM.
        for round in 0...repetitions {
            for kernel in 0..<4 {
                let start = MonotonicClock.now
                DispatchQueue.concurrentPerform(iterations: threads) { part in
                    arrays.run(kernel, count * part / threads, count * (part + 1) / threads)
                }
                let seconds = (MonotonicClock.now - start).inSeconds
                if round > 0 { best[kernel] = min(best[kernel], max(seconds, 1e-9)) }
            }
        }
        func rate(_ kernel: Int, _ streams: Int) -> Double { Double(streams * count * 8) / best[kernel] }
        return MemoryBandwidth(
            copyBytesPerS: rate(0, 2), scaleBytesPerS: rate(1, 2), addBytesPerS: rate(2, 3),
            triadBytesPerS: rate(3, 3), arrayBytes: count * 8)
    }

    /// The last cache of the first core, in bytes; nil where the kernel does not tell.
    public static func cacheBytes(_ root: SystemRoot) -> Int? {
        (0..<8).compactMap { index -> Int? in
            let path = "/sys/devices/system/cpu/cpu0/cache/index\(index)/size"
            guard let text = try? root.text(path), text.last == "K", let kibibytes = Int(text.dropLast()),
                (1...(1 << 22)).contains(kibibytes)
            else { return nil }
            return kibibytes << 10
        }.max()
    }
}

/// Three arrays that several threads work on, each on its own part.
private struct Arrays: @unchecked Sendable {
    let a, b, c: UnsafeMutablePointer<Double>

    init(count: Int) {
        a = .allocate(capacity: count)
        b = .allocate(capacity: count)
        c = .allocate(capacity: count)
        a.initialize(repeating: 1, count: count)
        b.initialize(repeating: 2, count: count)
        c.initialize(repeating: 0, count: count)
    }

    func free() {
        a.deallocate()
        b.deallocate()
        c.deallocate()
    }

    /// Copy, scale, add and triad over a part.
    @inline(never)
    func run(_ kernel: Int, _ start: Int, _ end: Int) {
        let scalar = 3.0
        var index = start
        switch kernel {
        case 0:
            while index < end {
                c[index] = a[index]
                index &+= 1
            }
        case 1:
            while index < end {
                b[index] = scalar * c[index]
                index &+= 1
            }
        case 2:
            while index < end {
                c[index] = a[index] + b[index]
                index &+= 1
            }
        default:
            while index < end {
                a[index] = b[index] + scalar * c[index]
                index &+= 1
            }
        }
    }
}
