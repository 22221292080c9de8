public import JSONRPC

/// Removes a container that does not run, with its log and its writable layer.
///
/// Fails with `notFound`, `conflict`.
public struct ContainerRemove: RPCMethod {
    public static let name = "container.remove"

    public var container: String
    /// Kills it first where it runs.
    public var force: Bool?
    /// Whether its unnamed volumes go too.
    public var volumes: Bool?

    public struct Result: Codable, Sendable {
        public var id: String

        public init(
            id: String
        ) {
            self.id = id
        }
    }

    public init(
        container: String, force: Bool? = nil, volumes: Bool? = nil
    ) {
        self.container = container
        self.force = force
        self.volumes = volumes
    }
}
