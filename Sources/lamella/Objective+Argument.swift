import ArgumentParser
import Costs

extension Objective: ExpressibleByArgument {}
