/// Upper bounds on what a container may use.
public struct Resources: Codable, Sendable, Equatable {
    /// At least 6 MiB, as Docker has it.
    public var memoryBytes: Int64?
    /// Processors, in thousandths or better: 1.5 is one and a half.
    public var cpus: Double?
    /// Processes and threads.
    public var pids: Int64?

    public init(
        memoryBytes: Int64? = nil, cpus: Double? = nil, pids: Int64? = nil
    ) {
        self.memoryBytes = memoryBytes
        self.cpus = cpus
        self.pids = pids
    }
}
