import ArgumentParser
import Costs

extension Objective: ExpressibleByArgument {}
extension Service: ExpressibleByArgument {}
extension CostModel: ExpressibleByArgument {}
