/// The sliding window of a convolution or pooling operator over its spatial dimensions.
package struct Window: Sendable {
    package enum Padding: Sendable { case explicit, sameUpper, sameLower, valid }

    package let kernel: [Int]
    package let strides: [Int]
    package let dilations: [Int]
    /// Begins of all spatial axes, then their ends.
    package let pads: [Int]
    package let padding: Padding
    package let roundsUp: Bool

    var kernelElements: Double { kernel.reduce(1) { $0 * Double($1) } }

    /// Reads the attributes that convolution and pooling share. `kernel` is the weight's where there is one.
    package init(_ call: OperatorCall, spatialRank: Int, kernel weightKernel: [Int]? = nil) throws {
        guard spatialRank >= 1 else { throw call.fail("the input needs at least one spatial dimension") }
        let declared = try call.integers("kernel_shape")
        guard let kernel = weightKernel ?? declared else { throw call.fail("attribute kernel_shape is missing") }
        if let declared, declared != kernel {
            throw call.fail("attribute kernel_shape \(declared) differs from the weight's \(kernel)")
        }
        self.kernel = kernel
        strides = try call.integers("strides") ?? [Int](repeating: 1, count: spatialRank)
        dilations = try call.integers("dilations") ?? [Int](repeating: 1, count: spatialRank)
        pads = try call.integers("pads") ?? [Int](repeating: 0, count: 2 * spatialRank)
        roundsUp = try call.integer("ceil_mode", default: 0) != 0
        switch try call.text("auto_pad", default: "NOTSET") {
        case "NOTSET", "": padding = .explicit
        case "SAME_UPPER": padding = .sameUpper
        case "SAME_LOWER": padding = .sameLower
        case "VALID": padding = .valid
        case let other: throw call.fail("attribute auto_pad is '\(other)'")
        }
        guard kernel.count == spatialRank, strides.count == spatialRank, dilations.count == spatialRank,
            pads.count == 2 * spatialRank
        else { throw call.fail("kernel, strides, dilations or pads do not fit \(spatialRank) spatial dimensions") }
        guard kernel.allSatisfy({ $0 >= 1 }), strides.allSatisfy({ $0 >= 1 }), dilations.allSatisfy({ $0 >= 1 })
        else { throw call.fail("kernel, strides and dilations must be positive") }
    }

    /// Output extent along one spatial axis.
    func output(_ axis: Int, of extent: Int, _ call: OperatorCall) throws -> Int {
        let stride = strides[axis]
        switch padding {
        case .sameUpper, .sameLower:
            return (extent + stride - 1) / stride
        case .explicit, .valid:
            let isValid = padding == .valid
            let begin = isValid ? 0 : pads[axis]
            let end = isValid ? 0 : pads[axis + kernel.count]
            let room = extent + begin + end - dilations[axis] * (kernel[axis] - 1) - 1
            guard room >= 0 else { throw call.fail("the window of \(kernel) does not fit the input extent \(extent)") }
            guard roundsUp else { return room / stride + 1 }
            var count = (room + stride - 1) / stride + 1
            // A window that would start in the padding at the end is left out.
            if (count - 1) * stride >= extent + begin { count -= 1 }
            return count
        }
    }

    func output(of extents: [Int], _ call: OperatorCall) throws -> [Int] {
        try extents.enumerated().map { try output($0.offset, of: $0.element, call) }
    }
}
