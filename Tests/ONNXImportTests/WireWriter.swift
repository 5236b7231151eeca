/// Writes ONNX files field by field, also broken ones: a second way to write the format, apart from the generated code.
struct WireWriter {
    var bytes: [UInt8] = []

    static func message(_ build: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        build(&writer)
        return writer.bytes
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ field: UInt64, _ value: Int64) {
        varint(field << 3)
        varint(UInt64(bitPattern: value))
    }

    mutating func bytes(_ field: UInt64, _ content: some Collection<UInt8>) {
        varint(field << 3 | 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func text(_ field: UInt64, _ content: String) { bytes(field, Array(content.utf8)) }

    mutating func fixed32(_ field: UInt64, _ value: UInt32) {
        varint(field << 3 | 5)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Parts of ONNX files.
enum Wire {
    static func tensor(
        _ name: String, _ dims: [Int64], type: Int64 = 1, raw: [UInt8]? = nil, external: [(String, String)] = []
    ) -> [UInt8] {
        WireWriter.message {
            for dim in dims { $0.integer(1, dim) }
            $0.integer(2, type)
            $0.text(8, name)
            if let raw { $0.bytes(9, raw) }
            for (key, value) in external {
                $0.bytes(
                    13,
                    WireWriter.message {
                        $0.text(1, key)
                        $0.text(2, value)
                    })
            }
            if !external.isEmpty { $0.integer(14, 1) }
        }
    }

    static func external(_ name: String, _ dims: [Int64], at location: String, offset: Int, length: Int) -> [UInt8] {
        tensor(
            name, dims, external: [("location", location), ("offset", String(offset)), ("length", String(length))])
    }

    static func node(
        _ type: String, _ inputs: [String], _ outputs: [String], domain: String = "", attributes: [[UInt8]] = []
    ) -> [UInt8] {
        WireWriter.message {
            for input in inputs { $0.text(1, input) }
            for output in outputs { $0.text(2, output) }
            $0.text(3, "\(type) of \(outputs.first ?? "")")
            $0.text(4, type)
            for attribute in attributes { $0.bytes(5, attribute) }
            if !domain.isEmpty { $0.text(7, domain) }
        }
    }

    static func attribute(_ name: String, integers: [Int64]) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            for value in integers { $0.integer(8, value) }
            $0.integer(20, 7)
        }
    }

    static func attribute(_ name: String, integer: Int64) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            $0.integer(3, integer)
            $0.integer(20, 2)
        }
    }

    static func attribute(_ name: String, tensor: [UInt8]) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            $0.bytes(5, tensor)
            $0.integer(20, 4)
        }
    }

    static func attribute(_ name: String, graph: [UInt8]) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            $0.bytes(6, graph)
            $0.integer(20, 5)
        }
    }

    static func attribute(_ name: String, reference: String) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            $0.text(21, reference)
            $0.integer(20, 2)
        }
    }

    /// A dimension is a number, or a symbol where it is a name.
    enum Dimension: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
        case number(Int64)
        case symbol(String)

        init(integerLiteral value: Int64) { self = .number(value) }
        init(stringLiteral value: String) { self = .symbol(value) }
    }

    static func value(_ name: String, _ shape: [Dimension]?, type: Int64 = 1) -> [UInt8] {
        WireWriter.message {
            $0.text(1, name)
            $0.bytes(
                2,
                WireWriter.message {
                    $0.bytes(
                        1,
                        WireWriter.message {
                            $0.integer(1, type)
                            if let shape { $0.bytes(2, dimensions(shape)) }
                        })
                })
        }
    }

    private static func dimensions(_ shape: [Dimension]) -> [UInt8] {
        WireWriter.message { writer in
            for dimension in shape {
                writer.bytes(
                    1,
                    WireWriter.message {
                        switch dimension {
                        case .number(let value): $0.integer(1, value)
                        case .symbol(let name): $0.text(2, name)
                        }
                    })
            }
        }
    }

    static func graph(
        nodes: [[UInt8]], inputs: [[UInt8]], outputs: [[UInt8]], initializers: [[UInt8]] = [], more: [UInt8] = []
    ) -> [UInt8] {
        WireWriter.message {
            for node in nodes { $0.bytes(1, node) }
            $0.text(2, "test")
            for initializer in initializers { $0.bytes(5, initializer) }
            for input in inputs { $0.bytes(11, input) }
            for output in outputs { $0.bytes(12, output) }
            $0.bytes += more
        }
    }

    static func model(_ graph: [UInt8], opsets: [(String, Int64)] = [("", 18)], functions: [[UInt8]] = []) -> [UInt8] {
        WireWriter.message {
            $0.integer(1, 10)
            $0.bytes(7, graph)
            for (domain, version) in opsets { $0.bytes(8, opset(domain, version)) }
            for function in functions { $0.bytes(25, function) }
        }
    }

    static func opset(_ domain: String, _ version: Int64) -> [UInt8] {
        WireWriter.message {
            if !domain.isEmpty { $0.text(1, domain) }
            $0.integer(2, version)
        }
    }

    static func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    static func integers(_ values: [Int64]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }
}
