import ModelGraph

/// Along what an operator is shared.
public enum SharingDimension: String, Sendable, Hashable, CaseIterable {
    /// Rows of images, columns of images, output channels, positions of sequences, rows and columns of images.
    case height, width, channels, length, grid

    /// Roles of the axes that are cut, outermost first.
    public var roles: [AxisRole] {
        switch self {
        case .height: [.height]
        case .width: [.width]
        case .channels: [.channels]
        case .length: [.length]
        case .grid: [.height, .width]
        }
    }
}

extension SharedGraph {
    /// Axes of an operator's first output that a dimension cuts, one or, for a grid, two.
    ///
    /// Throws where the result has no such axis, or where the operator cannot be shared along it.
    public func axes(of position: Int, _ dimension: SharingDimension) throws(CannotShare) -> [Int] {
        let roles = axisRoles[tensor(of: position)] ?? []
        var axes: [Int] = []
        for role in dimension.roles {
            guard let axis = roles.firstIndex(of: role) else {
                throw operators[position].refusal(nil, "its result has no axis for \(role.rawValue)")
            }
            try requireShareable(position, axis: axis)
            axes.append(axis)
        }
        return axes
    }

    /// Dimensions along which an operator can be shared.
    public func dimensions(of position: Int) -> [SharingDimension] {
        SharingDimension.allCases.filter { (try? axes(of: position, $0)) != nil }
    }

    /// Shares an operator's first output along a dimension that cuts one axis.
    ///
    /// - Parameter cuts: one less than devices, ascending (a cut equal to its neighbour leaves a device idle); values
    ///   outside the axis count as its ends.
    public func share(_ position: Int, _ dimension: SharingDimension, cuts: [Int]) throws(CannotShare) -> SharedLayout {
        let axes = try axes(of: position, dimension)
        guard axes.count == 1 else {
            throw operators[position].refusal(nil, "a grid needs cuts of its rows and of its columns")
        }
        return SharedLayout.cut(shape(of: position), axis: axes[0], at: cuts)
    }

    /// Shares an operator's first output as a grid: device `row * columns + column` gets that cell.
    public func shareGrid(_ position: Int, rowCuts: [Int], columnCuts: [Int]) throws(CannotShare) -> SharedLayout {
        let axes = try axes(of: position, .grid)
        return SharedLayout.grid(
            shape(of: position), axes: (axes[0], axes[1]), rowCuts: rowCuts, columnCuts: columnCuts)
    }
}
