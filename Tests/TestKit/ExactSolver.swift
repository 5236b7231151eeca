import Planning

/// The solver that tests of published systems use.
public enum ExactSolver {
    public static let shared: any ChainProgramSolving = ChainSolver()
}
