import ArgumentParser
import ModelGraph

extension LayerGranularity: ExpressibleByArgument {}
