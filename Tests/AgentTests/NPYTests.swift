import Agent
import Foundation
import ModelGraph
import TestKit
import Testing

/// Files that NumPy 2 wrote, so that reading is checked against the format's own author.
private enum NumPyFile {
    static let version1 =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBA"
        + "AACAQAAAoEA="
    static let version2 =
        "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0g"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBA"
        + "AACAQAAAoEA="
    static let version3 =
        "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0g"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBA"
        + "AACAQAAAoEA="
    static let scalar =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA=="
    static let fortran =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQAAAgD8AAIBA"
        + "AAAAQAAAoEA="
    static let bigEndian =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPmk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAQAAAAI="
    static let text =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA=="
    static let empty =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo="

    static func bytes(_ base64: String) throws -> [UInt8] {
        Array(try #require(Data(base64Encoded: base64)))
    }
}

private func floats(_ values: [Float]) -> [UInt8] { values.flatMap { withUnsafeBytes(of: $0) { Array($0) } } }

/// A file of version 1.0 with any text as its header.
private func file(header: String, data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 0xff), UInt8(text.count >> 8)] + text + data
}

private func refusal(of bytes: [UInt8]) -> String? {
    do {
        _ = try NPYArray(parsing: bytes, name: "x.npy")
        return nil
    } catch {
        return error.description
    }
}

@Suite struct NPYTests {
    @Test(arguments: [NumPyFile.version1, NumPyFile.version2, NumPyFile.version3])
    func everyVersionThatNumPyWritesIsRead(base64: String) throws {
        let array = try NPYArray(parsing: NumPyFile.bytes(base64), name: "x.npy")
        #expect(array.elementType == .float32)
        #expect(array.shape == [2, 3])
        #expect(array.bytes == floats([0, 1, 2, 3, 4, 5]))
        #expect(array.count == 6)
    }

    @Test func aFileIsWrittenAsNumPyWritesIt() throws {
        let array = try NPYArray(elementType: .float32, shape: [2, 3], bytes: floats([0, 1, 2, 3, 4, 5]))
        #expect(try array.encoded() == NumPyFile.bytes(NumPyFile.version1))
    }

    @Test func aSingleNumberHasNoAxes() throws {
        let array = try NPYArray(parsing: NumPyFile.bytes(NumPyFile.scalar), name: "x.npy")
        #expect(array.shape == [])
        #expect(array.count == 1)
    }

    @Test func anEmptyAxisGivesNoElements() throws {
        let array = try NPYArray(parsing: NumPyFile.bytes(NumPyFile.empty), name: "x.npy")
        #expect(array.shape == [0, 3])
        #expect(array.bytes.isEmpty)
    }

    @Test(arguments: ElementType.allCases.filter { NPYFormat.descriptor(of: $0) != nil }, [[], [1], [3], [2, 1, 5]])
    func writingAndReadingKeepsTypeShapeAndElements(type: ElementType, shape: [Int]) throws {
        let count = shape.reduce(type.byteCount, *)
        let bytes = (0..<count).map { type == .boolean ? UInt8($0 % 2) : UInt8($0 % 251) }
        let array = try NPYArray(elementType: type, shape: shape, bytes: bytes)
        let encoded = array.encoded()
        #expect((encoded.count - count) % 64 == 0)
        #expect(try NPYArray(parsing: encoded, name: "x.npy") == array)
    }

    @Test func fortranOrderIsRefusedByName() throws {
        let message = try #require(refusal(of: NumPyFile.bytes(NumPyFile.fortran)))
        #expect(message.contains("x.npy") && message.contains("Fortran"))
    }

    @Test func bigEndianElementsAreRefusedWithWhatToDo() throws {
        let message = try #require(refusal(of: NumPyFile.bytes(NumPyFile.bigEndian)))
        #expect(message.contains("big-endian") && message.contains("astype('<i4')"))
    }

    @Test func anElementTypeThatIsNoTensorsIsRefused() throws {
        let message = try #require(refusal(of: NumPyFile.bytes(NumPyFile.text)))
        #expect(message.contains("'<U2'"))
    }

    @Test func aFileCutShortAnywhereIsRefused() throws {
        let whole = try NumPyFile.bytes(NumPyFile.version1)
        for length in 0..<whole.count {
            #expect(refusal(of: Array(whole.prefix(length))) != nil, "cut to \(length) bytes")
        }
    }

    @Test func bytesAfterTheElementsAreRefused() throws {
        let message = try #require(refusal(of: NumPyFile.bytes(NumPyFile.version1) + [0]))
        #expect(message.contains("24 bytes") && message.contains("25 follow"))
    }

    @Test func aBooleanThatIsNeither0Nor1IsRefusedAtItsPlace() throws {
        let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }"
        let message = try #require(refusal(of: file(header: header, data: [1, 2])))
        #expect(message.contains("byte \(10 + header.utf8.count + 1) is 2"))
    }

    @Test(arguments: [
        ("{'descr': '<f4', 'fortran_order': False}", "'shape' is missing"),
        ("{'descr': '<f4', 'shape': ()}", "'fortran_order' is missing"),
        ("{'fortran_order': False, 'shape': ()}", "'descr' is missing"),
        ("{'descr': '<f4', 'descr': '<f4'}", "there twice"),
        ("{'descr': '<f4', 'surprise': 1}", "'surprise' is not"),
        ("{'descr': '<f4', 'fortran_order': 0}", "True or False"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (3)}", "needs a comma"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "size of an axis"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}", "a comma or a closing"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "too large"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "too large"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': ()} + 1", "follows the dictionary"),
        ("{'descr': '<f4, 'fortran_order': False, 'shape': ()}", "should stand here"),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "quoted string"),
        ("", "'{' should stand here"),
    ])
    func aHeaderThatNumPyWouldNotWriteIsRefused(header: String, sentence: String) throws {
        let message = try #require(refusal(of: file(header: header)))
        #expect(message.contains(sentence), "\(message)")
        #expect(message.hasPrefix("x.npy: "))
    }

    @Test func keysInAnotherOrderAndDoubleQuotesAreRead() throws {
        let header = "{\"shape\": (2,), \"fortran_order\": False, \"descr\": \"|u1\"}\n"
        #expect(try NPYArray(parsing: file(header: header, data: [7, 8]), name: "x.npy").bytes == [7, 8])
    }

    @Test func anArrayWhoseBytesDoNotFitItsShapeCannotBeMade() {
        #expect(throws: NPYError("an array of float32[2] needs 8 bytes, but 7 were given")) {
            try NPYArray(elementType: .float32, shape: [2], bytes: [UInt8](repeating: 0, count: 7))
        }
    }

    @Test func rowsAreCutAlongTheFirstAxisAndJoinedAgain() throws {
        let array = try NPYArray(elementType: .uint8, shape: [3, 2], bytes: [0, 1, 2, 3, 4, 5])
        let parts = [try array.rows(0..<1), try array.rows(1..<3)]
        #expect(parts[0].shape == [1, 2])
        #expect(parts[1].bytes == [2, 3, 4, 5])
        #expect(try NPYArray.concatenated(parts) == array)
        #expect(throws: NPYError.self) { try array.rows(2..<4) }
    }

    @Test func arraysOfOtherShapesAreNotJoined() throws {
        let one = try NPYArray(elementType: .uint8, shape: [1, 2], bytes: [0, 1])
        let other = try NPYArray(elementType: .uint8, shape: [1, 1], bytes: [0])
        #expect(throws: NPYError("array 1 is uint8[1, 1] and cannot be joined to uint8[1, 2]")) {
            try NPYArray.concatenated([one, other])
        }
    }

    @Test func damagedFilesAreReadOrRefusedAndNeverTrap() throws {
        let samples = try [NumPyFile.version1, NumPyFile.version2, NumPyFile.scalar, NumPyFile.empty]
            .map { try NumPyFile.bytes($0) }
        var mutator = ByteMutator(
            seed: 7, interesting: Array("'\"{}(),:<>|09\\\n".utf8) + [0, 0xff], maximumBytes: 4096)
        var refused = 0
        for round in 0..<8000 {
            let bytes = mutator.mutate(samples[round % samples.count])
            do {
                let array = try NPYArray(parsing: bytes, name: "fuzz")
                #expect(array.bytes.count == array.shape.reduce(array.elementType.byteCount, *))
                #expect(try NPYArray(parsing: array.encoded(), name: "again") == array)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 4000)
    }
}
