public import JSONRPC

/// Every link at once: who depends on whom, in which order they start, and where links run in circles.
public struct LinkGraph: RPCMethod, Equatable {
    public static let name = "link.graph"

    /// A container that is consumer or source of a link.
    public struct Node: Codable, Sendable, Equatable {
        /// The name; of a source that no longer exists its id, or the name by which it is awaited.
        public var name: String
        /// Missing where there is no such container.
        public var id: String?
        public var status: ContainerStatus?

        public init(
            name: String, id: String? = nil, status: ContainerStatus? = nil
        ) {
            self.name = name
            self.id = id
            self.status = status
        }
    }

    /// A link, from consumer to source.
    public struct Edge: Codable, Sendable, Equatable {
        /// Names of nodes.
        public var consumer: String
        public var source: String
        public var alias: String
        public var provider: String
        public var state: Link.State

        public init(
            consumer: String, source: String, alias: String, provider: String, state: Link.State
        ) {
            self.consumer = consumer
            self.source = source
            self.alias = alias
            self.provider = provider
            self.state = state
        }
    }

    public struct Result: Codable, Sendable {
        /// By name.
        public var nodes: [Node]
        /// By consumer, in the order in which it has its links.
        public var edges: [Edge]
        /// Names of containers, group after group: sources before consumers. A group of several starts together.
        public var startOrder: [[String]]
        /// The groups that are circles.
        public var cycles: [[String]]

        public init(
            nodes: [Node] = [], edges: [Edge] = [], startOrder: [[String]] = [], cycles: [[String]] = []
        ) {
            self.nodes = nodes
            self.edges = edges
            self.startOrder = startOrder
            self.cycles = cycles
        }
    }

    public init() {}
}
