// swift-tools-version: 6.0
import PackageDescription

// Pure modules hold value types and functions only; shells wrap them (docs/design.md, "Modules").
// Imports point downward: lamella -> Agent -> shells -> Cluster, Planning -> Costs -> ModelGraph.

let nio = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")

let package = Package(
    name: "lamella",
    products: [.executable(name: "lamella", targets: ["lamella"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // C libraries, each behind a small target.
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .target(name: "CCurl"),
        .target(name: "CHighs"),
        .target(name: "CXGBoost"),
        .target(name: "COnnxRuntime"),
        .target(name: "CLinux"),
        .target(name: "CProcess"),

        // Pure modules.
        .target(name: "JSON", dependencies: ["CJansson"]),
        .target(name: "ModelGraph", dependencies: []),
        .target(name: "ONNXFormat", dependencies: [protobuf], exclude: ["onnx.proto"]),
        .target(name: "ONNXImport", dependencies: ["ModelGraph", "Sharing", "ONNXFormat", protobuf, crypto]),
        .target(name: "Costs", dependencies: ["ModelGraph"]),
        .target(name: "Sharing", dependencies: ["ModelGraph"]),
        .target(name: "Planning", dependencies: ["Costs", "ModelGraph", collections]),
        .target(name: "SharingPlans", dependencies: ["Sharing", "Planning", "Costs", "ModelGraph"]),
        .target(
            name: "SharedPlanning", dependencies: ["SharingPlans", "Sharing", "Planning", "Costs", "ModelGraph"]),
        .target(name: "Cluster", dependencies: ["Costs", "ModelGraph"]),
        .target(name: "Simulator", dependencies: ["Cluster", "Costs"]),

        // Shells.
        .target(name: "Solver", dependencies: ["CHighs", "Board", "SharingPlans", "Planning", "Costs"]),
        .target(
            name: "Estimator",
            dependencies: ["CXGBoost", "Board", "SharingPlans", "Sharing", "Costs", "ModelGraph", "JSON"]),
        .target(
            name: "Runtime",
            dependencies: [
                "COnnxRuntime", "CLinux", "Board", "ONNXImport", "SharedPlanning", "Sharing", "ModelGraph", "Cluster",
                "Costs", "JSON", nio, nioCore, crypto, logging,
            ]),
        .target(name: "Board", dependencies: ["Costs", "ModelGraph", "TOMLKit"]),
        .target(name: "ChildProcesses", dependencies: ["CProcess", nio, nioCore]),
        .target(
            name: "MQTT",
            dependencies: ["CMosquitto", "ChildProcesses", "JSON", "Cluster", "Costs", nio, nioCore, logging]),
        .target(name: "CarbonFeed", dependencies: ["CCurl", "MQTT", "Board", "Cluster", "Costs", "JSON"]),
        .target(
            name: "Agent",
            dependencies: [
                "MQTT", "Board", "Runtime", "ChildProcesses", "Cluster", "SharedPlanning", "SharingPlans", "Sharing",
                "Planning", "Costs", "ModelGraph", "ONNXImport", "JSON", "TOMLKit", nio, nioCore, nioHTTP, logging,
            ]),
        .executableTarget(
            name: "lamella",
            dependencies: [
                "Agent", "CarbonFeed", "MQTT", "Board", "Runtime", "Solver", "Estimator", "Simulator",
                "SharedPlanning", "SharingPlans", "Sharing", "Planning", "Cluster", "Costs", "ModelGraph",
                "ONNXImport", "JSON", arguments, logging,
            ],
            // Boards have no Swift installed. The libraries named are those that FoundationEssentials needs
            // but that only -static-stdlib at compile time would add; giving it at link time alone lets
            // the binary and the tests share every object file.
            linkerSettings: [
                .unsafeFlags([
                    "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-lswiftSynchronization",
                    "-Xlinker", "--gc-sections",
                ])
            ]),

        // Virtual boards on one machine, with real limits; for tests, and by hand.
        .systemLibrary(
            name: "CFuse", path: "Tests/Testbed/CFuse", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
        .target(
            name: "TestbedKit",
            dependencies: [
                "CFuse", "Agent", "MQTT", "Board", "ChildProcesses", "Cluster", "Costs", "ModelGraph",
                "ONNXImport", nio, nioCore,
            ],
            path: "Tests/Testbed/TestbedKit"),
        .executableTarget(
            name: "lamella-testbed", dependencies: ["TestbedKit", "JSON", "Board", arguments, logging],
            path: "Tests/Testbed/Command"),

        // Tests.
        .target(name: "TestKit", dependencies: ["Costs", "JSON", "ModelGraph", "Planning"], path: "Tests/TestKit"),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestKit"]),
        .testTarget(name: "ModelGraphTests", dependencies: ["ModelGraph", "TestKit"]),
        .testTarget(name: "ONNXImportTests", dependencies: ["ONNXImport", "TestKit"]),
        .testTarget(name: "CostsTests", dependencies: ["Costs", "JSON", "TestKit"]),
        .testTarget(name: "PlanningTests", dependencies: ["Planning", "TestKit"]),
        .testTarget(
            name: "SharingTests",
            dependencies: [
                "Sharing", "Runtime", "ONNXImport", "ONNXFormat", "ModelGraph", "Costs", "TestKit", protobuf, nioCore,
            ]),
        .testTarget(
            name: "SharingPlansTests",
            dependencies: ["SharingPlans", "Solver", "Sharing", "ONNXImport", "Planning", "ModelGraph", "Costs"]),
        .testTarget(
            name: "SharedPlanningTests",
            dependencies: [
                "SharedPlanning", "SharingPlans", "Sharing", "Planning", "ONNXImport", "ModelGraph", "Costs", "JSON",
                "TestKit",
            ]),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "TestKit"]),
        .testTarget(name: "SimulatorTests", dependencies: ["Simulator", "TestKit"]),
        .testTarget(name: "SolverTests", dependencies: ["Solver", "Planning", "Board", "ONNXImport", "TestKit"]),
        .testTarget(
            name: "EstimatorTests",
            dependencies: [
                "Estimator", "SharingPlans", "Sharing", "ONNXImport", "ModelGraph", "Costs", "TestKit",
            ]),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Runtime", "Board", "ONNXImport", "SharedPlanning", "Sharing", "ModelGraph", "Cluster", "Costs", "JSON",
                "TestKit", nio, nioCore, logging,
            ]
        ),
        .testTarget(name: "BoardTests", dependencies: ["Board", "Costs", "JSON", "TestKit"]),
        .testTarget(name: "MQTTTests", dependencies: ["MQTT", "Cluster", "Costs", "JSON", "TestKit"]),
        .testTarget(
            name: "CarbonFeedTests",
            dependencies: ["CarbonFeed", "MQTT", "Cluster", "Costs", nio, nioCore, nioHTTP]),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "Board", "ChildProcesses", "Cluster", "Costs", "JSON", "ModelGraph", "MQTT", "ONNXImport",
                "Runtime", "TestKit", nio, nioCore, logging,
            ]),
        .testTarget(name: "ChildProcessesTests", dependencies: ["ChildProcesses", nio]),
        .testTarget(name: "RepositoryTests", dependencies: ["Agent", "Board", "Costs", "JSON"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Agent", "MQTT", "Board", "ChildProcesses", "Runtime", "SharedPlanning", "Sharing", "Cluster", "Costs",
                "JSON", "ModelGraph", "ONNXImport", "TestKit", nio, nioCore,
            ]),
        .testTarget(
            name: "TestbedTests",
            dependencies: [
                "TestbedKit", "TestKit", "Agent", "Board", "ChildProcesses", "Cluster", "Costs", "MQTT", nio,
            ]),
    ],
    swiftLanguageModes: [.v6]
)
