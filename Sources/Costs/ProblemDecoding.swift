/// Reading a problem that a person or another program wrote: what has a usual value may be left out.
extension Problem {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            model: try container.decode(String.self, forKey: .model),
            layers: try container.decode([PlannedLayer].self, forKey: .layers),
            devices: try container.decode([Device].self, forKey: .devices),
            links: try container.decodeIfPresent([Link].self, forKey: .links) ?? [],
            source: try container.decode(DeviceID.self, forKey: .source),
            destination: try container.decode(DeviceID.self, forKey: .destination),
            objective: try container.decodeIfPresent(Objective.self, forKey: .objective) ?? .latency,
            weights: try container.decodeIfPresent(WeightsPolicy.self, forKey: .weights) ?? .everyInference,
            service: try container.decodeIfPresent(Service.self, forKey: .service) ?? .oneAtATime,
            wantedThroughputPerS: try container.decodeNumberIfPresent(forKey: .wantedThroughputPerS),
            costModel: try container.decodeIfPresent(CostModel.self, forKey: .costModel) ?? .sound,
            requestS: try container.decodeNumberIfPresent(forKey: .requestS),
            messageS: try container.decodeNumberIfPresent(forKey: .messageS),
            sharedPaces: try container.decodeIfPresent([SharedPace].self, forKey: .sharedPaces),
            energyScope: try container.decodeIfPresent(EnergyScope.self, forKey: .energyScope) ?? .all,
            constraints: try container.decodeIfPresent(Constraints.self, forKey: .constraints) ?? Constraints(),
            pins: try container.decodeIfPresent([Pin].self, forKey: .pins) ?? [],
            bundles: try container.decodeIfPresent([MeasuredBundle].self, forKey: .bundles) ?? [],
            inputs: try container.decodeIfPresent([InputSource].self, forKey: .inputs) ?? [])
    }

    enum CodingKeys: String, CodingKey {
        case model, layers, devices, links, source, destination, objective, weights, service, constraints, pins, bundles
        case inputs
        case wantedThroughputPerS = "wanted_throughput_per_s"
        case costModel = "cost_model"
        case requestS = "request_s"
        case messageS = "message_s"
        case sharedPaces = "shared_paces"
        case energyScope = "energy_scope"
    }
}

extension PlannedLayer {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            kind: try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .model,
            flop: try container.decode(Double.self, forKey: .flop),
            weightBytes: try container.decode(Int.self, forKey: .weightBytes),
            outputBytes: try container.decode(Int.self, forKey: .outputBytes),
            activationPeakBytes: try container.decode(Int.self, forKey: .activationPeakBytes),
            runnerPeakBytes: try container.decodeIfPresent(Int.self, forKey: .runnerPeakBytes),
            reachProbability: try container.decodeNumberIfPresent(forKey: .reachProbability))
    }
}
