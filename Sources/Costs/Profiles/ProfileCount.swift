/// How many bundles a complete profile holds: `D * sum over s = 1..MBS of (L - s + 1)`.
///
/// Equation 7.6 of the dissertation is wrong; its table is right and is this sum (ALGORITHMS, "DIME"). A maximum
/// bundle size above the number of layers counts as that number. Saturates at `Int.max`; nothing has 0 bundles.
public func profileCount(layers: Int, devices: Int, maximumBundleSize: Int) -> Int {
    let size = min(maximumBundleSize, layers)
    guard size > 0, devices > 0 else { return 0 }
    guard layers <= Int.max / 4 else { return .max }
    // Sizes L, L - 1, ... L - s + 1: their sum is s * (2L - s + 1) / 2, where one of the factors is even.
    let (pairs, isTooMany) = size.multipliedReportingOverflow(by: layers - size + 1 + layers)
    guard !isTooMany else { return .max }
    let (count, overflow) = (pairs / 2).multipliedReportingOverflow(by: devices)
    return overflow ? .max : count
}
