/// Measures what the kernel gives, again where the machine did not have it to give.
///
/// Somebody else's programs, on this machine or on the one below it, take a board's time for seconds now and then, and
/// no limit can give it back. A limit that is wrong is wrong each time.
///
/// - Returns: the first measurement that is as it should be, or the last of three.
func whenTheMachineIsCalm<Measured>(
    _ isAsItShouldBe: (Measured) -> Bool, measure: () async throws -> Measured
) async throws -> Measured {
    for _ in 0..<2 {
        let measured = try await measure()
        if isAsItShouldBe(measured) { return measured }
        print("measured again: \(measured)")
    }
    return try await measure()
}
