import Board
import Costs
import Foundation
import TestKit
import Testing

/// The lines that the meter's firmware prints, as they come in and as files.
@Suite struct SystemSmartPower3Tests {
    private func line(_ clockMs: Int, input: Int, output0: Int, output1: Int) -> String {
        SmartPower3Text.line(clockMs, inputMilliwatts: input, output0Milliwatts: output0, output1Milliwatts: output1)
    }

    @Test func `a meter's lines are samples, however they are cut, and torn ones are left out`() {
        let text =
            line(1000, input: 5300, output0: 2400, output1: 0) + "garbage\n"
            + line(1005, input: 5300, output0: 2500, output1: 0).replacing("02500", with: "92500")
            + line(1010, input: 5300, output0: 2600, output1: 0)
        for size in [1, 7, 1000] {
            var log = SmartPower3Log(channel: .output0)
            var samples: [PowerSample] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                samples += log.take(Array(rest.prefix(size)), now: .seconds(5))
                rest = rest.dropFirst(size)
            }
            #expect(samples.last?.powerW == (size == 1000 ? 2.6 : 2.4))
            #expect(log.badLines == 2)
        }
        var log = SmartPower3Log(channel: .output0)
        let samples = log.take(Array(text.utf8), now: .seconds(5))
        #expect(samples.map(\.at) == [.milliseconds(4990), .seconds(5)])
        #expect(samples.map(\.powerW) == [2.4, 2.6])
        #expect(log.take([UInt8](repeating: 65, count: 1 << 16), now: .seconds(6)).isEmpty)
    }

    @Test func `a whole log integrates on the meter's own clock, over the wrap of its counter`() throws {
        let start = Int(UInt32.max) - 499
        let text =
            "24,15296\r\n" + line(start, input: 1, output0: 2000, output1: 0)
            + line((start + 1000) % (1 << 32), input: 1, output0: 4000, output1: 0) + "0000000900,152"
        let log = try SmartPower3Log.log(Array(text.utf8), file: "power.log", channel: .output0)
        #expect(try log.energyJ(from: 0, to: 1) == 3)
        let broken = line(1, input: 1, output0: 1, output1: 1) + "x\n" + line(2, input: 1, output0: 1, output1: 1)
        let fault = #expect(throws: DataFault.self) {
            try SmartPower3Log.log(Array(broken.utf8), file: "power.log", channel: .output0)
        }
        #expect(fault?.description.hasPrefix("power.log:2: ") == true)
        #expect(throws: DataFault.self) { try SmartPower3Log.log([], file: "power.log", channel: .input) }
    }

    @Test func `a meter tells each line once, waits for the next, and is at fault when none comes`() throws {
        let tree = try MadeUpTree()
        let path = tree.path + "/power.log"
        var meter = SmartPower3Meter(path: path, channel: .output0)
        guard case .fault = meter.read(now: .zero).first else {
            Issue.record("a file that is not there is no fault")
            return
        }
        try tree.write("", to: "/power.log", verbatim: true)
        #expect(meter.read(now: .seconds(1)) == [.pending])
        let handle = try #require(FileHandle(forWritingAtPath: path))
        for milliseconds in [500, 1000] {
            try handle.write(contentsOf: Data(line(milliseconds, input: 1, output0: 7770, output1: 1).utf8))
        }
        let samples = meter.read(now: .seconds(2))
        #expect(
            samples
                == [1.5, 2].map { .sample(PowerSample(powerW: 7.77, at: .milliseconds(Int($0 * 1000)), raw: [7770])) })
        #expect(meter.read(now: .seconds(2) + SmartPower3Meter.silenceLimit) == [.pending])
        let silent = meter.read(now: .seconds(3) + SmartPower3Meter.silenceLimit)
        guard case .fault(let fault) = silent.first else {
            Issue.record("a meter that is silent is no fault: \(silent)")
            return
        }
        #expect(fault.description.contains("power.log: no whole line"))
        try handle.write(contentsOf: Data(line(2000, input: 1, output0: 5000, output1: 1).utf8))
        #expect(meter.read(now: .seconds(20)) == [.sample(PowerSample(powerW: 5, at: .seconds(20), raw: [5000]))])
    }

    @Test func `a file that grows is followed, one that is replaced is read from its start, one that is gone is named`()
        throws
    {
        let tree = try MadeUpTree()
        let path = tree.path + "/power.log"
        func append(_ text: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        let file = SmartPower3File(path: path, channel: .output0)
        #expect(throws: BoardFault.self) { try file.read(now: .zero) }
        try tree.write(line(5, input: 1, output0: 1000, output1: 1), to: "/power.log", verbatim: true)
        #expect(try file.read(now: .seconds(1)).isEmpty)
        let added = line(10, input: 1, output0: 2000, output1: 1)
        try append(String(added.prefix(30)))
        #expect(try file.read(now: .seconds(2)).isEmpty)
        try append(String(added.dropFirst(30)))
        #expect(try file.read(now: .seconds(3)) == [PowerSample(powerW: 2, at: .seconds(3), raw: [2000])])
        #expect(try file.read(now: .seconds(4)).isEmpty)
        try tree.remove("/power.log")
        let fault = #expect(throws: BoardFault.self) { try file.read(now: .seconds(5)) }
        #expect(fault?.kind == .missing)
        try tree.write(line(1, input: 1, output0: 3000, output1: 1), to: "/power.log", verbatim: true)
        #expect(try file.read(now: .seconds(6)).map(\.powerW) == [3])
        #expect(file.badLines == 0)
    }
}
