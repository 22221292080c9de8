public import JSONRPC

/// An image's configuration and layers.
///
/// Fails with `notFound`.
public struct ImageInspect: RPCMethod {
    public static let name = "image.inspect"

    /// A reference, id or unambiguous id prefix.
    public var image: String

    public struct Result: Codable, Sendable {
        public var id: String
        public var references: [String]
        public var digests: [String]
        public var createdAt: String
        public var architecture: String
        public var os: String
        public var sizeBytes: Int64
        public var config: ImageConfiguration
        /// Digests of the compressed layers, lowest first.
        public var layers: [String]

        public init(
            id: String, references: [String] = [], digests: [String] = [], createdAt: String, architecture: String,
            os: String, sizeBytes: Int64, config: ImageConfiguration, layers: [String] = []
        ) {
            self.id = id
            self.references = references
            self.digests = digests
            self.createdAt = createdAt
            self.architecture = architecture
            self.os = os
            self.sizeBytes = sizeBytes
            self.config = config
            self.layers = layers
        }
    }

    public init(
        image: String
    ) {
        self.image = image
    }
}

/// What an image says about the containers made from it.
public struct ImageConfiguration: Codable, Sendable, Equatable {
    public var env: [String]
    public var entrypoint: [String]
    public var command: [String]
    public var user: String
    public var workdir: String
    public var exposedPorts: [String]
    public var volumes: [String]
    public var labels: [String: String]
    public var stopSignal: String?
    public var healthcheck: Healthcheck?

    public init(
        env: [String] = [], entrypoint: [String] = [], command: [String] = [], user: String, workdir: String,
        exposedPorts: [String] = [], volumes: [String] = [], labels: [String: String] = [:], stopSignal: String? = nil,
        healthcheck: Healthcheck? = nil
    ) {
        self.env = env
        self.entrypoint = entrypoint
        self.command = command
        self.user = user
        self.workdir = workdir
        self.exposedPorts = exposedPorts
        self.volumes = volumes
        self.labels = labels
        self.stopSignal = stopSignal
        self.healthcheck = healthcheck
    }
}
