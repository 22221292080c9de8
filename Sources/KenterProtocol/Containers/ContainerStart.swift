public import JSONRPC

/// Starts created or exited containers.
///
/// Sources of links must run, or be started by the same call. A container that fails to start stays, created.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `forbidden`,
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerStart: RPCMethod {
    public static let name = "container.start"

    public var container: String?
    public var containers: [String]?

    public typealias Result = ContainerOutcomes

    public init(
        container: String? = nil, containers: [String]? = nil
    ) {
        self.container = container
        self.containers = containers
    }
}

/// What came of an operation on several containers.
public struct ContainerOutcomes: Codable, Sendable {
    public struct Failure: Codable, Sendable {
        /// As it was named in the call.
        public var container: String
        public var message: String

        public init(
            container: String, message: String
        ) {
            self.container = container
            self.message = message
        }
    }

    /// Where it succeeded.
    public var ids: [String]
    public var errors: [Failure]

    public init(
        ids: [String] = [], errors: [Failure] = []
    ) {
        self.ids = ids
        self.errors = errors
    }
}
