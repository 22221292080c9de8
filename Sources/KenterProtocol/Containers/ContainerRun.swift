public import JSONRPC

/// Makes a container and starts it; when the start fails, nothing of it remains.
///
/// Fails with `notFound`, `alreadyExists`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`,
/// `forbidden`, `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerRun: RPCMethod {
    public static let name = "container.run"

    /// Its parameters are those of `container.create`.
    public var create: ContainerCreate

    public init(_ create: ContainerCreate) { self.create = create }
    public init(from decoder: any Decoder) throws { create = try ContainerCreate(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try create.encode(to: encoder) }

    public struct Result: Codable, Sendable {
        public var id: String
        public var name: String
        public var warnings: [String]
        /// By network.
        public var addresses: [String: ContainerAddresses]

        public init(
            id: String, name: String, warnings: [String] = [], addresses: [String: ContainerAddresses] = [:]
        ) {
            self.id = id
            self.name = name
            self.warnings = warnings
            self.addresses = addresses
        }
    }
}

/// A container's addresses on one network.
public struct ContainerAddresses: Codable, Sendable, Equatable {
    public var ipv4: String?
    public var ipv6: String?

    public init(
        ipv4: String? = nil, ipv6: String? = nil
    ) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }
}
