/// A linear program with integer columns: minimise `cost * x` with rows and columns between bounds.
///
/// A value without a solver: the model can be looked at, tested and given to any.
public struct LinearProgram: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public var name: String
        public var cost: Double
        public var lower: Double
        public var upper: Double
        public var isInteger: Bool
    }

    public struct Row: Sendable, Equatable {
        public struct Term: Sendable, Equatable {
            public var column: Int
            public var coefficient: Double
        }

        public var name: String
        public var lower: Double
        public var upper: Double
        public var terms: [Term]
    }

    public private(set) var columns: [Column] = []
    public private(set) var rows: [Row] = []

    public init() {}

    /// Adds a column and returns its index.
    @discardableResult
    public mutating func addColumn(
        _ name: String, cost: Double = 0, lower: Double = 0, upper: Double = 1, isInteger: Bool = false
    ) -> Int {
        columns.append(Column(name: name, cost: cost, lower: lower, upper: upper, isInteger: isInteger))
        return columns.count - 1
    }

    /// Adds `lower <= sum of coefficient * column <= upper`; terms with a zero coefficient are left out.
    public mutating func addRow(
        _ name: String, lower: Double = -.infinity, upper: Double = .infinity,
        _ terms: [(column: Int, coefficient: Double)]
    ) {
        rows.append(
            Row(
                name: name, lower: lower, upper: upper,
                terms: terms.filter { $0.coefficient != 0 }.map {
                    Row.Term(column: $0.column, coefficient: $0.coefficient)
                }))
    }

    /// What a solver found.
    public struct Solution: Sendable, Equatable {
        public var values: [Double]
        public var objective: Double
        /// A proved lower bound of the objective.
        public var bound: Double

        public init(values: [Double], objective: Double, bound: Double) {
            self.values = values
            self.objective = objective
            self.bound = bound
        }
    }
}
