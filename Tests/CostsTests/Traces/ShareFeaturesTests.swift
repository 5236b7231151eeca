import Costs
import Testing

@Suite struct ShareFeaturesTests {
    private static func share(
        _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1,
        isDepthwise: Bool = false
    ) -> ShareFeatures {
        ShareFeatures(
            height: height, width: width, outputChannels: outputs, inputChannels: inputs, kernel: kernel,
            stride: stride, padding: kernel / 2, isDepthwise: isDepthwise, bandwidthBitPerS: 5e9)
    }

    /// Rows of the released traces: a quarter of MobileNet's layers on a node of 8 cores.
    @Test func `quarters of MobileNet's layers are the rows that were published`() {
        #expect(Self.share(28, 112, 32, 64, kernel: 1).computeRow(cores: 8) == [1, 32, 8, 28, 112, 28, 112, 1])
        #expect(Self.share(112, 112, 32, 16, kernel: 1).computeRow(cores: 8) == [1, 32, 2, 112, 112, 112, 112, 1])
        #expect(
            Self.share(28, 112, 32, 32, kernel: 3, isDepthwise: true).computeRow(cores: 8)
                == [2, 4, 4, 28, 112, 30, 114, 1])
        #expect(
            Self.share(28, 112, 32, 32, kernel: 3, stride: 2, isDepthwise: true).computeRow(cores: 8)
                == [2, 4, 4, 28, 112, 57, 225, 2])
        #expect(
            Self.share(7, 7, 256, 256, kernel: 3, isDepthwise: true).computeRow(cores: 8)
                == [2, 32, 32, 7, 7, 9, 9, 1])
    }

    @Test func `output channels that do not divide count as the largest part`() {
        #expect(Self.share(7, 7, 10, 9, kernel: 1).computeRow(cores: 4)?[2] == 3)
    }

    @Test func `a dense kernel of more than a pixel is in no trace`() {
        #expect(Self.share(7, 7, 10, 9, kernel: 3).computeRow(cores: 4) == nil)
    }

    @Test func `there are twelve features, in the paper's order`() {
        let values = Self.share(14, 28, 64, 64, kernel: 3, stride: 2, isDepthwise: true).values
        #expect(values == [29, 14, 57, 28, 64, 64, 3, 2, 1, 2, 5, 0])
        #expect(Self.share(14, 28, 64, 64, kernel: 3).transferRow(bytes: 4096) == [5, 4096])
    }
}
