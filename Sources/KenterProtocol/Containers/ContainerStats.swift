public import JSONRPC

/// What a running container has used since it was started, as its cgroup and its networks count it.
///
/// A rate is the difference of two calls. What this host or a network's provider does not count is missing.
///
/// Fails with `notFound`, `conflict`.
public struct ContainerStats: RPCMethod {
    public static let name = "container.stats"

    public var container: String

    public struct Result: Codable, Sendable {
        /// Traffic of one network, from the container's side.
        public struct Traffic: Codable, Sendable {
            public var rxBytes: Int64
            public var txBytes: Int64
            public var rxPackets: Int64
            public var txPackets: Int64
            public var dropped: Int64

            public init(rxBytes: Int64, txBytes: Int64, rxPackets: Int64, txPackets: Int64, dropped: Int64) {
                self.rxBytes = rxBytes
                self.txBytes = txBytes
                self.rxPackets = rxPackets
                self.txPackets = txPackets
                self.dropped = dropped
            }
        }

        public var id: String
        public var name: String
        /// RFC 3339, UTC.
        public var readAt: String
        /// Of all processors together.
        public var cpuNanoseconds: Int64?
        /// Now; without what the kernel keeps of files and can drop at once.
        public var memoryUsageBytes: Int64?
        /// The container's own limit; the host's memory where it has none.
        public var memoryLimitBytes: Int64?
        /// Processes and threads now.
        public var pids: Int64?
        public var blockReadBytes: Int64?
        public var blockWriteBytes: Int64?
        /// By name of network.
        public var networks: [String: Traffic]

        public init(
            id: String, name: String, readAt: String, cpuNanoseconds: Int64? = nil, memoryUsageBytes: Int64? = nil,
            memoryLimitBytes: Int64? = nil, pids: Int64? = nil, blockReadBytes: Int64? = nil,
            blockWriteBytes: Int64? = nil, networks: [String: Traffic] = [:]
        ) {
            self.id = id
            self.name = name
            self.readAt = readAt
            self.cpuNanoseconds = cpuNanoseconds
            self.memoryUsageBytes = memoryUsageBytes
            self.memoryLimitBytes = memoryLimitBytes
            self.pids = pids
            self.blockReadBytes = blockReadBytes
            self.blockWriteBytes = blockWriteBytes
            self.networks = networks
        }
    }

    public init(container: String) {
        self.container = container
    }
}
