// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "kenter",
    products: [
        .executable(name: "kenterd", targets: ["kenterd"]),
        .executable(name: "kenter", targets: ["kenter"]),
        .executable(name: "kenter-runtime", targets: ["kenter-runtime"]),
        .executable(name: "kenter-yaml", targets: ["kenter-yaml"]),
        .executable(name: "kenter-copy", targets: ["kenter-copy"]),
        .executable(name: "network-routed", targets: ["network-routed"]),
        .executable(name: "storage-overlay", targets: ["storage-overlay"]),
        .executable(name: "link-legacy", targets: ["link-legacy"]),
        .library(name: "KenterPluginKit", targets: ["KenterPluginKit"]),
        .library(name: "KenterClient", targets: ["KenterClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Leaf modules: they know nothing of containers and import nothing of ours but each other.
        .target(name: "CLinux"),
        .target(name: "CBytes"),
        .systemLibrary(name: "CNFTables", pkgConfig: "libnftables"),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive"),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
        // The system's libcrypto rather than a copy of it: saves minutes of every clean build.
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .target(name: "SHA2", dependencies: ["CCrypto"]),
        .target(name: "Threads", dependencies: ["CLinux"]),
        .target(name: "ChildProcess", dependencies: ["CLinux", "Threads"]),
        .target(name: "Netlink", dependencies: ["CLinux", "Threads"]),
        .target(name: "JSONRPC", dependencies: ["CBytes", "CLinux", "Threads"]),

        // The protocol, the kit for plugins, the kit for clients.
        .target(name: "KenterProtocol", dependencies: ["JSONRPC", "CBytes"]),
        .target(name: "KenterPluginKit", dependencies: ["KenterProtocol", "JSONRPC"]),
        .target(
            name: "KenterClient", dependencies: ["KenterProtocol", "JSONRPC", "ChildProcess", "Threads", "CLinux"]),
        // Whether an executable keeps the plugin contract.
        .target(
            name: "KenterConformance",
            dependencies: ["KenterProtocol", "JSONRPC", "ChildProcess", "Threads", "CLinux"]),

        // The contracts as documents: OpenRPC, the reference, and what may change.
        .target(name: "KenterSchema", dependencies: ["KenterProtocol", "JSONRPC"]),
        .executableTarget(name: "kenter-reference", dependencies: ["KenterSchema", "JSONRPC"]),

        // The engine.
        .target(
            name: "KenterState",
            dependencies: ["KenterProtocol", "JSONRPC", "CSQLite", .product(name: "GRDB", package: "GRDB.swift")]),
        .target(
            name: "KenterEngine",
            dependencies: [
                "KenterState", "KenterSchema", "KenterProtocol", "JSONRPC", "ChildProcess", "Netlink", "Threads",
                "CLinux", "CSeccomp", "SHA2",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "kenterd",
            dependencies: [
                "KenterEngine", "KenterProtocol", "JSONRPC", "ChildProcess", "Threads", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "kenter",
            dependencies: [
                "KenterCompose", "KenterClient", "KenterConformance", "KenterProtocol", "JSONRPC", "ChildProcess",
                "Threads", "CLinux",
            ]),
        // Compose files: what they mean, and what is to be done about them.
        .target(name: "KenterCompose", dependencies: ["KenterProtocol", "JSONRPC"]),
        // Started by `kenter compose`, so that no other command carries a YAML parser and the Foundation it needs.
        .executableTarget(name: "kenter-yaml", dependencies: ["CYAML", "JSONRPC"]),
        // Copies between a path and a tar archive, confined to a container's files or for `kenter cp`.
        .executableTarget(name: "kenter-copy", dependencies: ["CArchive", "CLinux"]),
        // C: conmon's OCI runtime on hosts whose cgroup tree crun refuses.
        .executableTarget(name: "kenter-runtime"),

        // Plugins: separate executables; folder = target = binary = plugin name.
        .executableTarget(
            name: "network-routed",
            dependencies: [
                "KenterPluginKit", "KenterProtocol", "JSONRPC", "Netlink", "CNFTables", "CLinux", "Threads",
            ],
            path: "Plugins/network-routed", exclude: ["README.md"]),
        .executableTarget(
            name: "storage-overlay",
            dependencies: [
                "KenterPluginKit", "KenterProtocol", "JSONRPC", "ChildProcess", "CArchive", "CLinux", "SHA2",
                "Threads",
            ],
            path: "Plugins/storage-overlay", exclude: ["README.md"]),
        .executableTarget(
            name: "link-legacy",
            dependencies: ["KenterPluginKit", "KenterProtocol", "JSONRPC"],
            path: "Plugins/link-legacy", exclude: ["README.md"]),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["KenterProtocol", "JSONRPC", "KenterClient", "ChildProcess", "Threads", "CLinux"],
            path: "Tests/TestSupport"),
        .testTarget(name: "JSONRPCTests", dependencies: ["JSONRPC", "TestSupport"]),
        .testTarget(
            name: "KenterSchemaTests", dependencies: ["KenterSchema", "KenterProtocol", "JSONRPC", "TestSupport"]),
        .testTarget(name: "KenterProtocolTests", dependencies: ["KenterProtocol", "JSONRPC", "TestSupport"]),
        .testTarget(
            name: "KenterClientTests",
            dependencies: ["KenterClient", "KenterProtocol", "JSONRPC", "TestSupport", "Threads"]),
        .testTarget(
            name: "KenterCLITests",
            dependencies: ["kenter", "KenterClient", "KenterProtocol", "JSONRPC", "TestSupport", "ChildProcess"]),
        .testTarget(name: "KenterCopyTests", dependencies: ["kenter-copy", "TestSupport", "ChildProcess", "CLinux"]),
        .testTarget(name: "KenterComposeTests", dependencies: ["KenterCompose", "KenterProtocol", "JSONRPC"]),
        // A plugin whose author prints where a plugin must not.
        .executableTarget(
            name: "prints-by-accident", dependencies: ["KenterPluginKit", "KenterProtocol", "JSONRPC"],
            path: "Tests/Fixtures/prints-by-accident"),
        .testTarget(
            name: "KenterPluginKitTests",
            dependencies: [
                "KenterPluginKit", "KenterProtocol", "JSONRPC", "TestSupport", "ChildProcess", "prints-by-accident",
            ]),
        .testTarget(
            name: "PluginConformanceTests", dependencies: ["KenterConformance", "JSONRPC", "TestSupport"]),
        .testTarget(name: "KenterStateTests", dependencies: ["KenterState", "KenterProtocol", "JSONRPC"]),
        .testTarget(
            name: "KenterEngineTests",
            dependencies: [
                "KenterEngine", "KenterState", "KenterProtocol", "JSONRPC", "Netlink", "TestSupport", "ChildProcess",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "ChildProcess", "Threads", "CLinux"]),
        .testTarget(
            name: "NetworkRoutedTests",
            dependencies: [
                "network-routed", "KenterProtocol", "JSONRPC", "Netlink", "TestSupport", "ChildProcess", "Threads",
                "CLinux",
            ]),
        .testTarget(
            name: "StorageOverlayTests",
            dependencies: ["storage-overlay", "KenterProtocol", "JSONRPC", "TestSupport", "ChildProcess"]),
        .testTarget(
            name: "LinkLegacyTests",
            dependencies: ["link-legacy", "KenterProtocol", "JSONRPC", "TestSupport", "ChildProcess"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "KenterClient", "KenterSchema", "KenterProtocol", "JSONRPC", "ChildProcess", "CLinux",
            ]),
    ]
)

for target in package.targets
where target.type != .system && !["CLinux", "CBytes"].contains(target.name) && target.name != "kenter-runtime" {
    target.swiftSettings = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
