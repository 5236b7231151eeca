import ModelGraph

/// The header of a .npy file: a Python dictionary literal with exactly `descr`, `fortran_order` and `shape`.
///
/// Only the literals that NumPy writes are read: nothing is evaluated.
struct NPYHeader {
    var elementType: ElementType
    var shape: [Int]
    /// Where the elements begin in the file.
    var dataOffset: Int

    init(parsing file: [UInt8], name: String) throws(NPYError) {
        guard file.starts(with: NPYFormat.magic) else {
            throw NPYError("\(name): this is not a .npy file (it does not start with \\x93NUMPY)")
        }
        guard file.count >= 8 else { throw NPYError("\(name): the file ends at byte \(file.count), inside the header") }
        let version = (major: file[6], minor: file[7])
        let lengthBytes: Int
        switch (version.major, version.minor) {
        case (1, 0): lengthBytes = 2
        case (2, 0), (3, 0): lengthBytes = 4
        default:
            throw NPYError("\(name): .npy version \(version.major).\(version.minor) is not 1.0, 2.0 or 3.0")
        }
        guard file.count >= 8 + lengthBytes else {
            throw NPYError("\(name): the file ends at byte \(file.count), inside the header")
        }
        var length = 0
        for index in (0..<lengthBytes).reversed() { length = length << 8 | Int(file[8 + index]) }
        guard length <= NPYFormat.maximumHeaderBytes else {
            throw NPYError("\(name): a header of \(length) bytes is longer than \(NPYFormat.maximumHeaderBytes)")
        }
        let start = 8 + lengthBytes
        guard file.count >= start + length else {
            throw NPYError("\(name): the header should end at byte \(start + length), but the file has \(file.count)")
        }
        var literal = LiteralReader(bytes: file[start..<(start + length)], name: name)
        let entries = try literal.readDictionary()
        elementType = try NPYFormat.elementType(of: entries.descriptor, place: name)
        guard !entries.fortranOrder else {
            throw NPYError(
                "\(name): elements are in Fortran order (fortran_order is True); save "
                    + "numpy.ascontiguousarray(array) instead")
        }
        shape = entries.shape
        dataOffset = start + length
    }
}

/// Reads the one dictionary of a header.
private struct LiteralReader {
    let bytes: ArraySlice<UInt8>
    let name: String
    var at: Int

    init(bytes: ArraySlice<UInt8>, name: String) {
        self.bytes = bytes
        self.name = name
        self.at = bytes.startIndex
    }

    mutating func readDictionary() throws(NPYError) -> (descriptor: String, fortranOrder: Bool, shape: [Int]) {
        var descriptor: String?
        var fortranOrder: Bool?
        var shape: [Int]?
        try expect("{")
        while !take("}") {
            let keyAt = at
            let key = try readString()
            try expect(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try readString()
            case "fortran_order" where fortranOrder == nil: fortranOrder = try readBoolean()
            case "shape" where shape == nil: shape = try readTuple()
            case "descr", "fortran_order", "shape": throw fault("'\(key)' is there twice", at: keyAt)
            default: throw fault("'\(key)' is not descr, fortran_order or shape", at: keyAt)
            }
            if !take(",") {
                try expect("}")
                break
            }
        }
        skipSpace()
        guard at == bytes.endIndex else { throw fault("something follows the dictionary") }
        guard let descriptor else { throw fault("'descr' is missing") }
        guard let fortranOrder else { throw fault("'fortran_order' is missing") }
        guard let shape else { throw fault("'shape' is missing") }
        return (descriptor, fortranOrder, shape)
    }

    private mutating func readString() throws(NPYError) -> String {
        skipSpace()
        guard at < bytes.endIndex, bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"") else {
            throw fault("a quoted string should stand here")
        }
        let quote = bytes[at]
        guard let end = bytes[(at + 1)...].firstIndex(of: quote) else { throw fault("this string does not end") }
        let content = bytes[(at + 1)..<end]
        // Printable ASCII without escapes is all that the three keys and a plain element type need.
        guard content.count <= 64, content.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }) else {
            throw fault("this string is too long or holds characters that no key or element type has")
        }
        at = end + 1
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func readBoolean() throws(NPYError) -> Bool {
        skipSpace()
        for (word, value) in [("True", true), ("False", false)] where bytes[at...].starts(with: word.utf8) {
            at += word.utf8.count
            return value
        }
        throw fault("True or False should stand here")
    }

    private mutating func readTuple() throws(NPYError) -> [Int] {
        try expect("(")
        var axes: [Int] = []
        var separated = true
        while !take(")") {
            guard separated else { throw fault("a comma or a closing parenthesis should stand here") }
            guard axes.count < NPYFormat.maximumRank else { throw fault("more than \(NPYFormat.maximumRank) axes") }
            axes.append(try readInteger())
            separated = take(",")
        }
        // In Python "(3)" is a number and only "(3,)" is a tuple.
        guard axes.count != 1 || separated else { throw fault("a shape of one axis needs a comma, as in (3,)") }
        return axes
    }

    private mutating func readInteger() throws(NPYError) -> Int {
        skipSpace()
        let start = at
        var value = 0
        while at < bytes.endIndex, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowAgain) = product.addingReportingOverflow(Int(bytes[at] - UInt8(ascii: "0")))
            guard !overflow, !overflowAgain else { throw fault("this axis is too large", at: start) }
            value = sum
            at += 1
        }
        guard at > start else { throw fault("the size of an axis should stand here") }
        return value
    }

    private mutating func expect(_ character: Character) throws(NPYError) {
        guard take(character) else { throw fault("'\(character)' should stand here") }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard at < bytes.endIndex, character.asciiValue == bytes[at] else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.endIndex, bytes[at] == UInt8(ascii: " ") || bytes[at] == UInt8(ascii: "\n") { at += 1 }
    }

    private func fault(_ what: String, at place: Int? = nil) -> NPYError {
        NPYError("\(name): header, byte \(place ?? at): \(what)")
    }
}
