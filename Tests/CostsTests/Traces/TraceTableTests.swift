import Costs
import Testing

@Suite struct TraceTableTests {
    private static func table(_ text: String, _ kind: TraceKind) throws(DataFault) -> TraceTable {
        try TraceTable(Array(text.utf8), kind: kind, file: "traces.csv")
    }

    @Test func `cycles at 1 GHz and milliseconds become seconds`() throws {
        let compute = try Self.table("1,32,4,28,112,28,112,1,1385085\n2,4,4,28,112,30,114,1,888361\n", .compute)
        #expect(compute.timesS == [1_385_085 * 1e-9, 888_361 * 1e-9])
        #expect(Array(compute.row(1)) == [2, 4, 4, 28, 112, 30, 114, 1])
        let transfer = try Self.table("# measured by hand\n0.5,16,0.25\n\n5,8,0.002139\n", .transfer)
        #expect(transfer.timesS == [0.25e-3, 0.002139 * 1e-3])
        #expect(transfer.features == [0.5, 16, 5, 8])
        #expect(transfer.ranges() == [0.5...5, 8...16])
        #expect(try Self.table("4,0.5\r\n", .relayout).timesS == [0.5e-3])
    }

    @Test(
        arguments: [
            (TraceKind.transfer, "5,8,0.1\n5,8\n", "traces.csv:2", "has 2 fields, not the 3"),
            (.transfer, "5,8,0.1,7\n", "traces.csv:1", "has 4 fields"),
            (.transfer, "5,eight,0.1\n", "traces.csv:1", "bytes is 'eight', no number"),
            (.transfer, "5,8.5,0.1\n", "traces.csv:1", "bytes is 8.5, no whole number"),
            (.transfer, "-5,8,0.1\n", "traces.csv:1", "bandwidth_gbit_per_s is -5, not above 0"),
            (.transfer, "5,8,nan\n", "traces.csv:1", "milliseconds is 'nan', no number above 0"),
            (.relayout, "# fine\n4,0\n", "traces.csv:2", "milliseconds is '0', no number above 0"),
            (.relayout, "4,\n", "traces.csv:1", "milliseconds is '', no number above 0"),
            (.relayout, "33554432,1\n", "traces.csv:1", "at most 16777216"),
            (
                .compute, "3,32,4,28,112,28,112,1,9\n", "traces.csv:1",
                "convolution_type is 3, not above 0 and at most 2"
            ),
            (.compute, "type,in,out,h,w,ih,iw,s,cycles\n", "traces.csv:1", "convolution_type is 'type', no number"),
            (.compute, "", "traces.csv", "has no rows"),
        ])
    func `a broken row is named with file, line and what to do`(
        _ kind: TraceKind, _ text: String, _ place: String, _ problem: String
    ) {
        #expect {
            try Self.table(text, kind)
        } throws: { error in
            let sentence = "\(error)"
            return sentence.hasPrefix(place + ": ") && sentence.contains(problem) && sentence.contains("; ")
        }
    }

    @Test func `rows with the same features are twins of the first`() throws {
        let table = try Self.table("4,1\n8,2\n4,3\n8,2\n12,1\n", .relayout)
        #expect(table.firstTwins() == [0, 1, 0, 1, 4])
    }
}
