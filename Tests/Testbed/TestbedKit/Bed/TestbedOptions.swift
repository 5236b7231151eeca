import Agent

/// How a bed is brought up.
public struct TestbedOptions: Sendable {
    /// Path of the `lamella` binary.
    public var program: String
    /// Are agents told where their board's `sys` and `proc` are, with `system_root` in `[board]`?
    public var tellsSystemRoot: Bool
    /// How each board plans while it leads.
    public var planner: AgentConfiguration.Planner
    public var logLevel: String
    /// Are the bed's files left behind at the end, for reading logs?
    public var keepsFolder: Bool
    /// Lines of TOML that each agent's configuration begins with.
    public var extraConfiguration: String

    public init(
        program: String, tellsSystemRoot: Bool = true,
        planner: AgentConfiguration.Planner = AgentConfiguration.Planner(), logLevel: String = "info",
        keepsFolder: Bool = false, extraConfiguration: String = ""
    ) {
        self.program = program
        self.tellsSystemRoot = tellsSystemRoot
        self.planner = planner
        self.logLevel = logLevel
        self.keepsFolder = keepsFolder
        self.extraConfiguration = extraConfiguration
    }
}
