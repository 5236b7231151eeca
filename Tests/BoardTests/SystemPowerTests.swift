import Board
import Costs
import Glibc
import TestKit
import Testing

@Suite struct SystemPowerTests {
    private let rail = "/sys/bus/iio/devices/iio:device0/in_power0_input"
    private let counter = "/sys/class/powercap/intel-rapl:0/energy_uj"

    private func meter(_ kernel: FakeKernel) -> PowerMeter {
        let root = SystemRoot(files: kernel)
        let found = BoardInventory.discover(root)
        return PowerMeter(root: root, sensors: BoardProfile.sensors(of: found, profile: nil))
    }

    private func put(_ kernel: FakeKernel, _ path: String, _ text: String) {
        kernel.change { $0.files[path] = Array((text + "\n").utf8) }
    }

    @Test func `a rail's power is read with its raw figure`() {
        let kernel = FakeKernel(MadeUpBoards.jetsonNano)
        var meter = meter(kernel)
        #expect(meter.read(now: .seconds(1)) == .sample(PowerSample(powerW: 2.216, at: .seconds(1), raw: [2216])))
        for text in ["", "x", "-5", "99999999999"] {
            put(kernel, rail, text)
            guard case .fault(let fault) = meter.read(now: .seconds(2)) else {
                Issue.record("'\(text)' is no fault")
                continue
            }
            #expect(fault.path == rail)
        }
        kernel.change { $0.readErrors[rail] = EIO }
        guard case .fault(let fault) = meter.read(now: .seconds(3)) else {
            Issue.record("no fault")
            return
        }
        #expect(fault.kind == .failing && fault.description.contains("Input/output error"))
    }

    @Test func `a counter tells power between two looks, also over its wrap`() throws {
        let kernel = FakeKernel(MadeUpBoards.personalComputer)
        var meter = meter(kernel)
        #expect(meter.read(now: .seconds(10)) == .pending)
        put(kernel, counter, "262143300000")
        guard case .sample(let first) = meter.read(now: .milliseconds(10_020)) else {
            Issue.record("no sample")
            return
        }
        #expect(abs(first.powerW - 15) < 1e-6)
        // 28850 uJ to the end of the range, and 371150 uJ after it.
        put(kernel, counter, "371150")
        guard case .sample(let second) = meter.read(now: .milliseconds(10_060)) else {
            Issue.record("no sample")
            return
        }
        #expect(abs(second.powerW - 10) < 1e-3)
        #expect(meter.read(now: .milliseconds(10_061)) == .pending)
        // After a long silence it may have wrapped more than once.
        #expect(meter.read(now: .seconds(100)) == .pending)
        guard case .fault(let fault) = meter.read(now: .seconds(99)) else {
            Issue.record("a clock that goes back is no fault")
            return
        }
        #expect(fault.kind == .gap)
    }

    @Test func `without a sensor there is a fault and no figure`() {
        var meter = PowerMeter(root: SystemRoot(files: FakeKernel([:])), sensors: [])
        guard case .fault = meter.read(now: .zero) else {
            Issue.record("no fault")
            return
        }
    }

    // MARK: SensorGuard

    private func sample(_ milliwatts: Int, _ second: Int) -> PowerReading {
        .sample(PowerSample(powerW: Double(milliwatts) / 1000, at: .seconds(second), raw: [milliwatts]))
    }

    @Test func `each kind of failure is named once until the sensor is well again`() {
        var watch = SensorGuard(name: "rail", limits: .init(plausibleW: 0.1...50, recoveryReadings: 2))
        let missing = BoardFault("/p", .missing, "gone")
        let failing = BoardFault("/p", .failing, "EIO")
        var events: [SensorGuard.Event] = []
        var samples = 0
        let readings: [PowerReading] =
            [
                sample(2000, 0), sample(900_000, 1), sample(901_000, 2), .fault(failing), .fault(missing),
                .fault(failing),
            ]
            + [sample(2001, 6), .fault(failing), sample(2002, 8), sample(2003, 9), sample(2004, 10), .fault(missing)]
        for reading in readings {
            let (sample, event) = watch.handle(reading, load: 0.5)
            samples += sample == nil ? 0 : 1
            if let event { events.append(event) }
        }
        #expect(events.count == 5 && samples == 3)
        guard case .lost(let jump) = events[0], jump.kind == .absurd else {
            Issue.record("\(events)")
            return
        }
        #expect(Array(events[1...]) == [.lost(failing), .lost(missing), .recovered, .lost(missing)])
    }

    @Test func `equal figures count as stuck only when the load changes`() {
        var watch = SensorGuard(name: "rail", limits: .init(stuckReadings: 10, recoveryReadings: 1))
        for second in 0..<100 { #expect(watch.handle(sample(2000, second), load: 0.1).event == nil) }
        for second in 100..<200 { #expect(watch.handle(sample(2000, second), load: nil).event == nil) }
        guard case .lost(let fault)? = watch.handle(sample(2000, 200), load: 0.9).event else {
            Issue.record("not stuck")
            return
        }
        #expect(fault.kind == .stuck && !watch.isBelieved)
        #expect(watch.handle(sample(2000, 201), load: 0.9) == (nil, nil))
        #expect(watch.handle(sample(2040, 202), load: 0.9).event == .recovered)
    }

    // MARK: EnergyIntegrator

    @Test func `energy is the trapezoid between any two instants, within the samples`() throws {
        var integrator = EnergyIntegrator(capacity: 4, maximumStep: .seconds(3))
        for (second, watts) in [(0, 1.0), (1, 3.0), (2, 3.0)] {
            #expect(integrator.add(PowerSample(powerW: watts, at: .seconds(second))) == nil)
        }
        #expect(try integrator.energy(from: .zero, to: .seconds(2)).energyJ == 5)
        #expect(try integrator.energy(from: .milliseconds(500), to: .milliseconds(1500)).energyJ == 1.25 + 1.5)
        #expect(try integrator.energy(from: .seconds(1), to: .seconds(1)).energyJ == 0)
        #expect(throws: DataFault.self) { try integrator.energy(from: .zero, to: .milliseconds(2001)) }
        #expect(throws: DataFault.self) { try integrator.energy(from: .seconds(2), to: .seconds(1)) }
        for second in 3...4 { _ = integrator.add(PowerSample(powerW: 3, at: .seconds(second))) }
        // The oldest is forgotten.
        #expect(integrator.count == 4)
        #expect(throws: DataFault.self) { try integrator.energy(from: .zero, to: .seconds(4)) }
        #expect(try integrator.energy(from: .seconds(1), to: .seconds(4)).energyJ == 9)
        #expect(integrator.add(PowerSample(powerW: 3, at: .seconds(4))) != nil)
        #expect(integrator.add(PowerSample(powerW: .nan, at: .seconds(5))) != nil)
        #expect(integrator.add(PowerSample(powerW: -1, at: .seconds(5))) != nil)
        // A silence has no energy, but what lies before and after it has.
        #expect(integrator.add(PowerSample(powerW: 3, at: .seconds(8))) == nil)
        #expect(throws: DataFault.self) { try integrator.energy(from: .seconds(3), to: .seconds(8)) }
        #expect(try integrator.energy(from: .seconds(3), to: .seconds(4)).energyJ == 3)
    }

    @Test func `energy over one modelled sample is modelled`() throws {
        var integrator = EnergyIntegrator()
        _ = integrator.add(PowerSample(powerW: 1, at: .zero))
        _ = integrator.add(PowerSample(powerW: 1, at: .seconds(1)))
        _ = integrator.add(PowerSample(powerW: 1, at: .seconds(2), origin: .modelled))
        #expect(try integrator.energy(from: .zero, to: .seconds(1)).origin == .measured)
        #expect(try integrator.energy(from: .zero, to: .seconds(2)).origin == .modelled)
        #expect(throws: DataFault.self) { try EnergyIntegrator().energy(from: .zero, to: .zero) }
    }

    // MARK: PowerModel

    @Test func `modelled power moves between idle and computing, and unknown figures stay unknown`() {
        var device = Device(
            id: "cpu", flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1, computePowerW: 4, idlePowerW: 1,
            operatingPoints: [
                OperatingPoint(frequencyHz: 6e8, flops: 5e8, computePowerW: 2),
                OperatingPoint(frequencyHz: 1.2e9, flops: 1e9),
            ])
        #expect(PowerModel.powerW(device, frequencyHz: 6e8, utilisation: 0.5) == 1.5)
        #expect(PowerModel.powerW(device, frequencyHz: 6e8, utilisation: 7) == 2)
        #expect(PowerModel.powerW(device, frequencyHz: 6e8, utilisation: .nan) == nil)
        #expect(PowerModel.powerW(device, frequencyHz: 9e8, utilisation: 0.5) == nil)
        #expect(PowerModel.powerW(device, frequencyHz: 1.2e9, utilisation: 0.5) == nil)
        #expect(PowerModel.powerW(device, frequencyHz: 1.2e9, utilisation: 0) == 1)
        #expect(PowerModel.powerW(device, frequencyHz: nil, utilisation: 1) == 4)
        #expect(
            PowerModel.sample(device, frequencyHz: nil, utilisation: 1, now: .seconds(2))
                == PowerSample(powerW: 4, at: .seconds(2), origin: .modelled))
        device.idlePowerW = nil
        #expect(PowerModel.powerW(device, frequencyHz: nil, utilisation: 1) == nil)
    }
}
