import ModelGraph

/// A tensor as NumPy's .npy files hold one: elements in C order, little-endian.
///
/// The format is NumPy's own (numpy.lib.format), versions 1.0, 2.0 and 3.0; version 1.0 is written.
public struct NPYArray: Sendable, Equatable {
    public let elementType: ElementType
    /// Sizes of the axes, outermost first; empty for a single number.
    public let shape: [Int]
    /// The elements in C order, little-endian; exactly the product of `shape` times the element's bytes.
    public let bytes: [UInt8]

    /// - Throws: `NPYError` where `bytes` does not hold exactly what the shape and the element type need.
    public init(elementType: ElementType, shape: [Int], bytes: [UInt8]) throws(NPYError) {
        guard NPYFormat.descriptor(of: elementType) != nil else {
            throw NPYError("an array of \(elementType) cannot be held: NumPy has no such element type")
        }
        let needed = try NPYFormat.byteCount(shape: shape, elementType: elementType, place: "array")
        guard bytes.count == needed else {
            throw NPYError(
                "an array of \(elementType)\(NPYFormat.text(shape)) needs \(needed) bytes, but \(bytes.count) were "
                    + "given"
            )
        }
        self.init(elementType: elementType, shape: shape, checkedBytes: bytes)
    }

    private init(elementType: ElementType, shape: [Int], checkedBytes: [UInt8]) {
        self.elementType = elementType
        self.shape = shape
        self.bytes = checkedBytes
    }

    /// Reads the whole of a .npy file.
    ///
    /// - Parameter name: what errors call the file, for example its path.
    public init(parsing file: [UInt8], name: String) throws(NPYError) {
        let header = try NPYHeader(parsing: file, name: name)
        let needed = try NPYFormat.byteCount(shape: header.shape, elementType: header.elementType, place: name)
        let found = file.count - header.dataOffset
        guard found == needed else {
            throw NPYError(
                "\(name): \(header.elementType)\(NPYFormat.text(header.shape)) needs \(needed) bytes of elements after "
                    + "byte \(header.dataOffset), but \(found) follow")
        }
        if header.elementType == .boolean, let at = file[header.dataOffset...].firstIndex(where: { $0 > 1 }) {
            throw NPYError("\(name): byte \(at) is \(file[at]), but a boolean is 0 or 1")
        }
        self.init(
            elementType: header.elementType, shape: header.shape, checkedBytes: Array(file[header.dataOffset...]))
    }

    /// The array as a .npy file, version 1.0, the elements starting at a multiple of 64 bytes.
    public func encoded() -> [UInt8] {
        let axes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        // Every initializer has checked that the type has a descriptor.
        let descriptor = NPYFormat.descriptor(of: elementType) ?? "|V\(elementType.byteCount)"
        var dictionary = Array("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(axes)), }".utf8)
        let unpadded = NPYFormat.magic.count + 4 + dictionary.count + 1
        dictionary += [UInt8](repeating: UInt8(ascii: " "), count: (64 - unpadded % 64) % 64)
        dictionary.append(UInt8(ascii: "\n"))
        var file = NPYFormat.magic + [1, 0, UInt8(dictionary.count & 0xff), UInt8(dictionary.count >> 8)]
        file.reserveCapacity(file.count + dictionary.count + bytes.count)
        file += dictionary
        file += bytes
        return file
    }

    /// Number of elements.
    public var count: Int { bytes.count / elementType.byteCount }

    /// `float32[8, 1, 28, 28]`, as messages name an array.
    public var typeText: String { elementType.rawValue + NPYFormat.text(shape) }

    /// The part of the array that `range` cuts out of the first axis; the shape keeps its rank.
    ///
    /// - Throws: `NPYError` where the array has no axis or the range leaves it.
    public func rows(_ range: Range<Int>) throws(NPYError) -> NPYArray {
        guard let first = shape.first, range.lowerBound >= 0, range.upperBound <= first else {
            throw NPYError("rows \(range.lowerBound)..<\(range.upperBound) are not in an array of \(typeText)")
        }
        let rowBytes = first == 0 ? 0 : bytes.count / first
        let part = bytes[(range.lowerBound * rowBytes)..<(range.upperBound * rowBytes)]
        return NPYArray(elementType: elementType, shape: [range.count] + shape.dropFirst(), checkedBytes: Array(part))
    }

    /// Joins arrays along the first axis; all but the first axis must agree.
    ///
    /// - Throws: `NPYError` naming the first array that does not fit, or where there is none.
    public static func concatenated(_ parts: [NPYArray]) throws(NPYError) -> NPYArray {
        guard let first = parts.first, !first.shape.isEmpty else {
            throw NPYError("there is no array with a first axis to join along")
        }
        var rowCount = 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.bytes.count })
        for (index, part) in parts.enumerated() {
            guard part.elementType == first.elementType, part.shape.dropFirst() == first.shape.dropFirst(),
                let rows = part.shape.first
            else {
                throw NPYError("array \(index) is \(part.typeText) and cannot be joined to \(first.typeText)")
            }
            rowCount += rows
            bytes += part.bytes
        }
        return NPYArray(
            elementType: first.elementType, shape: [rowCount] + first.shape.dropFirst(), checkedBytes: bytes)
    }
}

/// What is wrong with a .npy file or an array, in one sentence.
public struct NPYError: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Names and limits of the .npy format.
public enum NPYFormat {
    public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// NumPy itself refuses more axes.
    public static let maximumRank = 64
    /// A header holds three short entries; more than this is not one of ours.
    public static let maximumHeaderBytes = 64 * 1024

    /// NumPy's name of an element type (nil: NumPy has none).
    public static func descriptor(of type: ElementType) -> String? {
        switch type {
        case .float16: "<f2"
        case .bfloat16: nil
        case .float32: "<f4"
        case .float64: "<f8"
        case .int8: "|i1"
        case .int16: "<i2"
        case .int32: "<i4"
        case .int64: "<i8"
        case .uint8: "|u1"
        case .uint16: "<u2"
        case .uint32: "<u4"
        case .uint64: "<u8"
        case .boolean: "|b1"
        }
    }

    static func elementType(of descriptor: String, place: String) throws(NPYError) -> ElementType {
        let order = descriptor.first.map(String.init) ?? ""
        let kind = String(descriptor.dropFirst())
        for type in ElementType.allCases {
            guard let known = Self.descriptor(of: type), known.dropFirst() == kind else { continue }
            switch order {
            case "<": return type
            case "|", "=": if type.byteCount == 1 { return type }
            case ">":
                if type.byteCount == 1 { return type }
                throw NPYError(
                    "\(place): elements are big-endian ('\(descriptor)'); save them little-endian with "
                        + "array.astype('\(known)')")
            default: break
            }
        }
        throw NPYError("\(place): element type '\(descriptor)' is not one that Lamella reads (use float32, int64, ...)")
    }

    /// Bytes that an array needs, refusing what does not fit an Int.
    static func byteCount(shape: [Int], elementType: ElementType, place: String) throws(NPYError) -> Int {
        guard shape.count <= maximumRank else {
            throw NPYError("\(place): \(shape.count) axes are more than \(maximumRank)")
        }
        var total = elementType.byteCount
        for axis in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: axis)
            guard axis >= 0, !overflow else {
                throw NPYError("\(place): shape \(text(shape)) is negative or too large to be held in memory")
            }
            total = product
        }
        return total
    }

    static func text(_ shape: [Int]) -> String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }
}
