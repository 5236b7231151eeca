import Board
import Costs
import Testing

/// The file of the manual, with one line changed or added by each case.
private func text(replacing old: String = "", with new: String = "", appending: String = "") -> String {
    let base = """
        name = "c1"
        [application]
        source = "A"
        destination = "A"
        raw_input_bytes = 11059200
        preprocess_operations = 150528
        [[device]]
        id = "A"
        class = "edge"
        flops = 3.62e9
        memory_bandwidth_bytes_per_s = 719e6
        memory_bytes = 1_000_000_000
        [[device]]
        id = "B"
        flops = 1e9
        memory_bandwidth_bytes_per_s = 1e9
        memory_bytes = 500_000_000
        [[link]]
        between = ["A", "B"]
        bandwidth_bytes_per_s = 1e7

        """
    return (old.isEmpty ? base : base.replacing(old, with: new)) + appending
}

@Suite struct ClusterFileTests {
    @Test func aWholeFileIsReadWithItsDefaults() throws {
        let file = try ClusterFile.parse(text(), name: "c1.toml")
        #expect(file.name == "c1")
        #expect(file.application.rawInputBytes == 11_059_200)
        #expect(file.application.preprocessOperations == 150_528)
        #expect(file.devices.map(\.id) == ["A", "B"])
        #expect(file.devices[0].node == "A")
        #expect(file.devices[1].deviceClass == .edge)
        #expect(file.devices[0].memoryBytes == 1_000_000_000)
        #expect(file.links == [Link(between: "A", "B", bandwidthBytesPerS: 1e7, latencyS: 0)])
    }

    @Test(arguments: [
        ("flops = 1e9", "flops = 1e9\nflopps = 2", "unknown key 'flopps' (line 16)"),
        ("flops = 1e9", "", "'device[1].flops' is missing"),
        ("flops = 1e9", "flops = \"fast\"", "'device[1].flops' (line 15) is the text \"fast\"; give a number"),
        ("id = \"B\"", "id = 2", "'device[1].id' (line 14) is the whole number 2; give a text in quotes"),
        (
            "memory_bytes = 500_000_000", "memory_bytes = 5e8",
            "'device[1].memory_bytes' (line 17) is the number 500000000.0; give a whole number"
        ),
        ("[[link]]", "[link]", "'link' (line 18) is a table; give tables that begin with [[link]]"),
        ("between = [\"A\", \"B\"]", "between = \"A\"", "'link[0].between' (line 19) is the text \"A\"; give an array"),
        ("flops = 1e9", "flops = -1.0", "'device[1].flops' is -1.0; give a number above 0"),
        ("flops = 1e9", "flops = inf", "'device[1].flops' is inf"),
        ("flops = 1e9", "flops = nan", "'device[1].flops' is nan"),
        ("id = \"B\"", "id = \"A\"", "two devices have the same 'id'"),
        ("source = \"A\"", "source = \"Z\"", "'application.source' names the device 'Z', but the devices are A, B"),
        ("between = [\"A\", \"B\"]", "between = [\"A\", \"C\"]", "'link[0].between' names the device 'C'"),
        ("between = [\"A\", \"B\"]", "between = [\"A\"]", "must name two different devices"),
        ("bandwidth_bytes_per_s = 1e7", "bandwidth_bytes_per_s = 0.0", "'link[0].bandwidth_bytes_per_s' is 0.0"),
        ("memory_bytes = 500_000_000", "memory_bytes = 0", "'device[1].memory_bytes' is 0"),
        ("raw_input_bytes = 11059200", "raw_input_bytes = -1", "'application.raw_input_bytes' is -1"),
        ("class = \"edge\"", "class = \"moon\"", "class"),
        ("name = \"c1\"", "name = ", "c1.toml:1: not valid TOML"),
    ])
    func aFaultIsNamedInOneSentence(old: String, new: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try ClusterFile.parse(text(replacing: old, with: new), name: "c1.toml")
        }
        #expect(error?.description.hasPrefix("c1.toml") == true)
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func aSecondLinkBetweenTheSameDevicesIsRefused() {
        let error = #expect(throws: ConfigurationError.self) {
            try ClusterFile.parse(
                text(appending: "[[link]]\nbetween = [\"B\", \"A\"]\nbandwidth_bytes_per_s = 1e6\n"), name: "c1.toml")
        }
        #expect(error?.description.contains("another link joins already") == true)
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { try ClusterFile.load("/nowhere/c1.toml") }
        #expect(error?.description == "cannot read /nowhere/c1.toml: No such file or directory")
    }
}
