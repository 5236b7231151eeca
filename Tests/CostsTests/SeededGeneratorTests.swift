import Costs
import Testing

@Suite struct SeededGeneratorTests {
    @Test func `seed 1234567 gives the published numbers of SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        let first = (0..<5).map { _ in generator.next() }
        #expect(
            first == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func `logarithmic values stay inside their range and use all of it`() {
        var generator = SeededGenerator(seed: 7)
        let values = (0..<2000).map { _ in generator.logarithmic(in: 1e3...1e9) }
        #expect(values.allSatisfy { (1e3...1e9).contains($0) })
        #expect(values.filter { $0 < 1e6 }.count > 900)
        #expect(values.filter { $0 >= 1e6 }.count > 900)
    }

    @Test func `a split generator does not repeat its parent`() {
        var parent = SeededGenerator(seed: 3)
        var child = parent.split()
        #expect(parent.next() != child.next())
    }
}
