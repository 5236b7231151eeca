/// What the cost of a device's share of a convolution depends on: FlexPie's twelve features.
public struct ShareFeatures: Sendable, Hashable {
    /// How nodes are wired for an exchange.
    public enum Topology: String, Sendable, Hashable, CaseIterable, Codable {
        case ring
        case parameterServer = "parameter-server"
        case mesh
    }

    /// Of the share, with its halo and padding.
    public var inputHeight: Int
    /// Of the share.
    public var outputHeight: Int
    public var inputWidth: Int
    public var outputWidth: Int
    public var inputChannels: Int
    public var outputChannels: Int
    public var kernel: Int
    public var stride: Int
    public var padding: Int
    public var isDepthwise: Bool
    public var bandwidthBitPerS: Double
    public var topology: Topology

    /// A share of a convolution's output.
    ///
    /// - Parameters:
    ///   - height, width, outputChannels: of the share of the output, positive.
    ///   - inputChannels: of the whole operator; a depthwise one reads as many as it writes.
    public init(
        height: Int, width: Int, outputChannels: Int, inputChannels: Int, kernel: Int, stride: Int, padding: Int,
        isDepthwise: Bool, bandwidthBitPerS: Double, topology: Topology = .ring
    ) {
        outputHeight = height
        outputWidth = width
        inputHeight = (height - 1) * stride + kernel
        inputWidth = (width - 1) * stride + kernel
        self.outputChannels = outputChannels
        self.inputChannels = isDepthwise ? outputChannels : inputChannels
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.isDepthwise = isDepthwise
        self.bandwidthBitPerS = bandwidthBitPerS
        self.topology = topology
    }

    /// All twelve, in the order of the paper: height, width and channels in and out, kernel, stride, padding, type,
    /// bandwidth in Gbit/s, topology.
    public var values: [Double] {
        [
            Double(inputHeight), Double(outputHeight), Double(inputWidth), Double(outputWidth), Double(inputChannels),
            Double(outputChannels), Double(kernel), Double(stride), Double(padding),
            Double((isDepthwise ? ConvolutionType.depthwise : .pointwise).rawValue), bandwidthBitPerS / 1e9,
            Double(Topology.allCases.firstIndex(of: topology) ?? 0),
        ]
    }

    /// The share as a row of compute traces, whose output channels are those of one core of a node: the largest part
    /// where they do not divide.
    ///
    /// Nil for a dense kernel of more than a pixel: such traces have none.
    ///
    /// - Parameter cores: of a node, between which the output channels are divided.
    public func computeRow(cores: Int) -> [Double]? {
        guard isDepthwise || kernel == 1 else { return nil }
        let channels = (outputChannels + cores - 1) / cores
        return [
            Double((isDepthwise ? ConvolutionType.depthwise : .pointwise).rawValue),
            Double(isDepthwise ? channels : inputChannels), Double(channels), Double(outputHeight),
            Double(outputWidth), Double(inputHeight), Double(inputWidth), Double(stride),
        ]
    }

    /// A row of transfer traces.
    public func transferRow(bytes: Int) -> [Double] { [bandwidthBitPerS / 1e9, Double(bytes)] }
}
