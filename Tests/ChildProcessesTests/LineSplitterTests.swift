import ChildProcesses
import Testing

private func split(_ text: String, chunk: Int, limit: Int) -> [LineSplitter.Output] {
    let bytes = Array(text.utf8)
    var splitter = LineSplitter(maximumLineBytes: limit)
    var outputs: [LineSplitter.Output] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
        outputs += splitter.push(bytes[start..<min(start + chunk, bytes.count)])
    }
    return outputs + splitter.finish()
}

@Suite struct LineSplitterTests {
    @Test(arguments: 1...7) func linesAreTheSameHoweverTheBytesArrive(chunk: Int) {
        let outputs = split("one\n\ntwo three\nfour", chunk: chunk, limit: 20)
        #expect(outputs == ["one", "", "two three", "four"].map { .line(Array($0.utf8)) })
    }

    @Test(arguments: 1...7) func aLineOfTheLimitPassesAndOneMoreByteDoesNot(chunk: Int) {
        let outputs = split("12345\n123456\n12\n1234567", chunk: chunk, limit: 5)
        #expect(
            outputs == [
                .line(Array("12345".utf8)), .tooLong(limitBytes: 5), .line(Array("12".utf8)), .tooLong(limitBytes: 5),
            ])
    }
}
