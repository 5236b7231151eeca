import Costs
import Testing

/// The radio example of the dissertation's chapter 8: AlexNet's fifth convolution leaves for the cloud over 4G, and the
/// 4-byte result comes back.
@Suite struct RadioExampleTests {
    static let uploadBytesPerS = 5.85e6 / 8
    static let downloadBytesPerS = 13.76e6 / 8
    static let uploadS = 36_864 / uploadBytesPerS
    static let downloadS = 4 / downloadBytesPerS

    private static func energyJ(_ model: CostModel) -> Double {
        let radio = TransferPower.fourthGeneration
        return uploadS * radio.powerW(.upload, bytesPerS: uploadBytesPerS, model: model)
            + downloadS * radio.powerW(.download, bytesPerS: downloadBytesPerS, model: model)
    }

    @Test func `the transfer takes 0_0504146 s`() {
        #expect(abs(Self.uploadS + Self.downloadS - 0.0504146) < 5e-8)
    }

    @Test func `the sound energy is 194_224 mJ and the published one 2020_192 uJ`() {
        #expect(abs(Self.energyJ(.sound) * 1e3 - 194.224) < 5e-4)
        #expect(abs(Self.energyJ(.published) * 1e6 - 2020.192) < 5e-4)
    }

    @Test func `the published energies are 66 to 119 times too small`() {
        let rates: [(TransferPower, Double)] = [
            (.thirdGeneration, 1.1e6 / 8), (.fourthGeneration, 5.85e6 / 8), (.wifi, 18.88e6 / 8),
        ]
        let factors = rates.map { radio, rate in
            radio.powerW(.upload, bytesPerS: rate, model: .sound)
                / radio.powerW(.upload, bytesPerS: rate, model: .published)
        }
        #expect(factors.map { $0.rounded() } == [119, 96, 66])
    }

    @Test func `the evaluator charges both ends of the way there and back`() throws {
        func layer(_ name: String, _ kind: PlannedLayer.Kind, outputBytes: Int) -> PlannedLayer {
            PlannedLayer(
                name: name, kind: kind, flop: 0, weightBytes: 0, outputBytes: outputBytes,
                activationPeakBytes: outputBytes)
        }
        func device(_ id: DeviceID, _ deviceClass: DeviceClass) -> Device {
            Device(
                id: id, deviceClass: deviceClass, flops: 1e12, memoryBandwidthBytesPerS: 1e30,
                memoryBytes: 1_000_000_000, computePowerW: 10, idlePowerW: 0, transferPower: .fourthGeneration)
        }
        for model in CostModel.allCases {
            let problem = Problem(
                model: "radio",
                layers: [
                    layer("source", .source, outputBytes: 36_864), layer("rest", .model, outputBytes: 4),
                    layer("destination", .destination, outputBytes: 4),
                ],
                devices: [device("phone", .edge), device("cloud", .cloud)],
                links: [
                    Link(
                        between: "phone", "cloud", bandwidthBytesPerS: Self.uploadBytesPerS,
                        reverseBandwidthBytesPerS: Self.downloadBytesPerS)
                ],
                source: "phone", destination: "phone", objective: .energy, weights: .resident, costModel: model,
                energyScope: .edge)
            let prediction = try Evaluator.price(["phone", "cloud", "phone"], of: problem)
            let energyJ = try #require(prediction.energyJ)
            #expect(abs(energyJ - Self.energyJ(model)) < 1e-9 * energyJ)
            #expect(abs(prediction.transferS - 0.0504146) < 5e-8)
        }
    }
}
