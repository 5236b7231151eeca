import Agent
import ModelGraph
import Testing

private func array(_ shape: [Int], _ values: [Float]) throws -> NPYArray {
    try NPYArray(elementType: .float32, shape: shape, bytes: values.flatMap { withUnsafeBytes(of: $0) { Array($0) } })
}

@Suite struct TensorRequestsTests {
    @Test func eachRowOfALargerInputIsARequest() throws {
        let requests = try TensorRequests.split(try array([3, 2], [0, 1, 2, 3, 4, 5]), rows: 1)
        #expect(requests == [try array([1, 2], [0, 1]), try array([1, 2], [2, 3]), try array([1, 2], [4, 5])])
    }

    @Test func aModelOfSeveralRowsGetsThemTogether() throws {
        let requests = try TensorRequests.split(try array([4, 1], [0, 1, 2, 3]), rows: 2)
        #expect(requests == [try array([2, 1], [0, 1]), try array([2, 1], [2, 3])])
    }

    @Test func aSingleNumberIsOneRequest() throws {
        #expect(try TensorRequests.split(try array([], [7]), rows: 1) == [try array([], [7])])
    }

    @Test(arguments: [([3, 1], 2), ([0, 1], 1), ([2, 1], 0), ([1, 1], 2)])
    func rowsThatDoNotDivideAreRefused(shape: [Int], rows: Int) throws {
        let input = try array(shape, [Float](repeating: 0, count: shape[0]))
        #expect(throws: NPYError.self) { try TensorRequests.split(input, rows: rows) }
    }

    @Test func theLargestScoreOfEachRowIsTheFirstOfEquals() throws {
        let scores = try array([3, 3], [0.1, 0.7, 0.2, 5, 5, 1, -3, -2, -1])
        #expect(try TensorRequests.predictions(scores) == [1, 0, 2])
        let wide = try NPYArray(
            elementType: .float64, shape: [2], bytes: [1.0, 2.0].flatMap { withUnsafeBytes(of: $0) { Array($0) } })
        #expect(try TensorRequests.predictions(wide) == [1])
    }

    @Test func whatIsNoScoreIsRefused() throws {
        let bytes = try NPYArray(elementType: .uint8, shape: [1, 2], bytes: [0, 1])
        #expect(throws: NPYError.self) { try TensorRequests.predictions(bytes) }
        #expect(throws: NPYError.self) { try TensorRequests.predictions(try array([], [1])) }
        #expect(throws: NPYError.self) { try TensorRequests.predictions(try array([2, 0], [])) }
    }

    @Test(arguments: [ElementType.int64, .int32, .uint8])
    func labelsAreReadFromEveryIntegerType(type: ElementType) throws {
        let bytes = [3, 9].flatMap { [UInt8($0)] + [UInt8](repeating: 0, count: type.byteCount - 1) }
        #expect(try TensorRequests.labels(NPYArray(elementType: type, shape: [2], bytes: bytes)) == [3, 9])
    }

    @Test func labelsOfAnotherTypeOrRankAreRefused() throws {
        #expect(throws: NPYError.self) { try TensorRequests.labels(try array([2], [0, 1])) }
        #expect(throws: NPYError.self) {
            try TensorRequests.labels(try NPYArray(elementType: .uint8, shape: [1, 2], bytes: [0, 1]))
        }
    }

    @Test func medianAnd95thPercentileAreThoseOfTheSortedLatencies() throws {
        let hundred = try #require(LatencySummary((1...100).reversed().map(Double.init)))
        #expect(hundred.medianS == 50.5)
        #expect(hundred.p95S == 95)
        let one = try #require(LatencySummary([0.25, .nan]))
        #expect(one.medianS == 0.25)
        #expect(one.p95S == 0.25)
        #expect(LatencySummary([]) == nil)
    }
}
