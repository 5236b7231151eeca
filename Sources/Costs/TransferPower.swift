/// What sending and receiving adds to a device's power, linear in the rate.
///
/// The form and the constants of mobile radios are those of Huang et al. "A close examination of performance and power
/// characteristics of 4G LTE networks", MobiSys 2012, as used by JointDNN and FreDDI.
public struct TransferPower: Codable, Sendable, Hashable {
    /// Watt for each Mbit/s sent.
    public var uploadWPerMbitPerS: Double
    /// Watt for each Mbit/s received.
    public var downloadWPerMbitPerS: Double
    /// Watt while anything is sent or received.
    public var baseW: Double

    public init(uploadWPerMbitPerS: Double, downloadWPerMbitPerS: Double, baseW: Double) {
        self.uploadWPerMbitPerS = uploadWPerMbitPerS
        self.downloadWPerMbitPerS = downloadWPerMbitPerS
        self.baseW = baseW
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        uploadWPerMbitPerS = try container.decodeNumber(forKey: .uploadWPerMbitPerS)
        downloadWPerMbitPerS = try container.decodeNumber(forKey: .downloadWPerMbitPerS)
        baseW = try container.decodeNumber(forKey: .baseW)
    }

    enum CodingKeys: String, CodingKey {
        case uploadWPerMbitPerS = "upload_w_per_mbit_per_s"
        case downloadWPerMbitPerS = "download_w_per_mbit_per_s"
        case baseW = "base_w"
    }

    public enum Direction: Sendable { case upload, download }

    /// Watt while data moves at a rate.
    ///
    /// The published energies of the dissertation's chapter 8 divide the rate by 8 twice and take the base in the
    /// millionth part (found by reproducing its radio example to seven digits); `sound` does neither.
    public func powerW(_ direction: Direction, bytesPerS: Double, model: CostModel) -> Double {
        let slope = direction == .upload ? uploadWPerMbitPerS : downloadWPerMbitPerS
        let mbitPerS = bytesPerS * 8 / 1e6
        return switch model {
        case .sound: slope * mbitPerS + baseW
        case .published: slope * mbitPerS / 64 + baseW * 1e-6
        }
    }

    public static let thirdGeneration = TransferPower(
        uploadWPerMbitPerS: 0.86898, downloadWPerMbitPerS: 0.12212, baseW: 0.81788)
    public static let fourthGeneration = TransferPower(
        uploadWPerMbitPerS: 0.43839, downloadWPerMbitPerS: 0.05197, baseW: 1.28804)
    public static let wifi = TransferPower(
        uploadWPerMbitPerS: 0.28317, downloadWPerMbitPerS: 0.13701, baseW: 0.13286)
}
