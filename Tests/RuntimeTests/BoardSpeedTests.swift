import Board
import ONNXImport
import Runtime
import TestKit
import Testing

/// What `lamella profile --board` measures.
@Suite(.serialized) struct BoardSpeedTests {
    @Test func `the models of the speed test have the FLOP that they say`() throws {
        for model in [try SpeedModel.convolution(), try SpeedModel.matrixProduct()] {
            let graph = try ImportedModel.load(graphFile: model.bytes).graph
            #expect(Double(graph.layers(.operator).reduce(0) { $0 + $1.flop }) == model.flop)
        }
    }

    @Test func `speeds are above zero, and both together between the two`() throws {
        let speed = try ProcessorSpeed.measure(try Support.runtime.get(), threads: 1)
        #expect(speed.convolutionFlops > 0 && speed.matrixFlops > 0)
        #expect(speed.flops >= min(speed.convolutionFlops, speed.matrixFlops))
        #expect(speed.flops <= max(speed.convolutionFlops, speed.matrixFlops))
        let memory = MemoryBandwidth.measure(arrayBytes: MemoryBandwidth.minimumArrayBytes, threads: 2)
        let rates = [memory.copyBytesPerS, memory.scaleBytesPerS, memory.addBytesPerS, memory.triadBytesPerS]
        #expect(rates.allSatisfy { $0 > 0 && $0.isFinite })
    }

    @Test func `arrays are four times the last cache, within the limit and a quarter of what is free`() throws {
        let mebi = 1 << 20
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: 8 * mebi, availableBytes: nil) == 32 * mebi)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: 1 * mebi, availableBytes: nil) == 16 * mebi)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: 300 * mebi, availableBytes: nil) == 128 * mebi)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: nil, availableBytes: nil) == 32 * mebi)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: 8 * mebi, availableBytes: 120 * mebi) == 10 * mebi)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: 8 * mebi, availableBytes: 11 * mebi) == nil)
        #expect(MemoryBandwidth.arrayBytes(cacheBytes: .max, availableBytes: .max) == 128 * mebi)
        let cache = "/sys/devices/system/cpu/cpu0/cache"
        let tree = try MadeUpTree([
            "\(cache)/index0/size": "32K", "\(cache)/index2/size": "1024K", "\(cache)/index3/size": "lots",
        ])
        #expect(MemoryBandwidth.cacheBytes(SystemRoot(path: tree.path)) == mebi)
        #expect(MemoryBandwidth.isCacheCovered(16 * mebi, cacheBytes: mebi) == true)
        #expect(MemoryBandwidth.isCacheCovered(2 * mebi, cacheBytes: mebi) == false)
        #expect(MemoryBandwidth.isCacheCovered(2 * mebi, cacheBytes: nil) == nil)
    }
}
