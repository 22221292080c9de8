public import JSONRPC

/// What this engine is and how it is set up.
public struct EngineInfo: RPCMethod {
    public static let name = "engine.info"

    public struct OperatingSystem: Codable, Sendable {
        public var kernel: String
        public var architecture: String
        /// `v1`, `v2` or `hybrid`.
        public var cgroup: String
        /// The OCI runtime in use and its version.
        public var runtime: String

        public init(
            kernel: String, architecture: String, cgroup: String, runtime: String
        ) {
            self.kernel = kernel
            self.architecture = architecture
            self.cgroup = cgroup
            self.runtime = runtime
        }
    }

    public struct Result: Codable, Sendable {
        public var name: String
        public var version: String
        public var apiLevel: Int
        public var features: [String]
        public var root: String
        public var pid: Int
        /// The configuration in force: what the file leaves open is filled in.
        public var config: JSONObject
        /// Role → name of its default provider.
        public var providers: [String: String]
        public var os: OperatingSystem
        /// For people: what works differently on this host, and what to do about it.
        public var warnings: [String]

        public init(
            name: String, version: String, apiLevel: Int, features: [String] = [], root: String, pid: Int,
            config: JSONObject, providers: [String: String] = [:], os: OperatingSystem, warnings: [String] = []
        ) {
            self.name = name
            self.version = version
            self.apiLevel = apiLevel
            self.features = features
            self.root = root
            self.pid = pid
            self.config = config
            self.providers = providers
            self.os = os
            self.warnings = warnings
        }
    }

    public init() {}
}
