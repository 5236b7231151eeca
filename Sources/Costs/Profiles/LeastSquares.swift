/// Least squares with few columns, by modified Gram-Schmidt: exact enough where columns are far from parallel.
enum LeastSquares {
    /// Below this share of its length that is its own, a column counts as made up of the others.
    private static let independence = 1e-10

    /// The coefficients that bring the columns' sum closest to the target; nil where the columns depend on each other.
    static func solve(_ columns: [[Double]], _ target: [Double]) -> [Double]? {
        var basis: [[Double]] = []
        var triangle: [[Double]] = []
        for column in columns {
            var rest = column
            var row: [Double] = []
            for direction in basis {
                let share = dot(direction, rest)
                row.append(share)
                for index in rest.indices { rest[index] -= share * direction[index] }
            }
            let length = dot(rest, rest).squareRoot()
            guard length > independence * dot(column, column).squareRoot() else { return nil }
            row.append(length)
            triangle.append(row)
            basis.append(rest.map { $0 / length })
        }
        var rest = target
        var shares: [Double] = []
        for direction in basis {
            let share = dot(direction, rest)
            shares.append(share)
            for index in rest.indices { rest[index] -= share * direction[index] }
        }
        // triangle[j][i] is how much of direction i is in column j.
        var solution = [Double](repeating: 0, count: columns.count)
        for index in columns.indices.reversed() {
            var value = shares[index]
            for later in columns.indices where later > index { value -= triangle[later][index] * solution[later] }
            solution[index] = value / triangle[index][index]
        }
        return solution.allSatisfy(\.isFinite) ? solution : nil
    }

    /// The same with no coefficient below 0, exactly: the optimum is the plain solution of its own support, so the best
    /// of the supports whose solutions are not negative is it. 2^columns supports.
    ///
    /// All 0 where no coefficient helps; nil where columns depend on each other.
    static func solveNonNegative(_ columns: [[Double]], _ target: [Double]) -> [Double]? {
        guard solve(columns, target) != nil else { return nil }
        var best = [Double](repeating: 0, count: columns.count)
        var bestSquares = dot(target, target)
        // Few columns first, so that a tie takes the simpler law.
        let supports = (1..<(1 << columns.count)).sorted {
            ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1)
        }
        for support in supports {
            let chosen = columns.indices.filter { support & (1 << $0) != 0 }
            guard let part = solve(chosen.map { columns[$0] }, target), part.allSatisfy({ $0 >= 0 }) else { continue }
            var solution = [Double](repeating: 0, count: columns.count)
            for (index, value) in zip(chosen, part) { solution[index] = value }
            let squares = residuals(columns, target, solution).reduce(0) { $0 + $1 * $1 }
            if squares < bestSquares {
                best = solution
                bestSquares = squares
            }
        }
        return best
    }

    /// Target minus the columns' sum.
    static func residuals(_ columns: [[Double]], _ target: [Double], _ solution: [Double]) -> [Double] {
        target.indices.map { index in
            target[index] - columns.indices.reduce(0) { $0 + columns[$1][index] * solution[$1] }
        }
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
