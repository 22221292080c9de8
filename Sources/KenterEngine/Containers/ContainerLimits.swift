import JSONRPC
import KenterProtocol

extension Resources {
    /// The kernel has no more process ids than that.
    private static let pidsMaximum = 4 << 20

    /// Refuses what no host could do, in Docker's words.
    func check() throws(RPCError) {
        if let memoryBytes, memoryBytes != 0, memoryBytes < 6 << 20 {
            throw RPCError(.invalidParams, "Minimum memory limit allowed is 6MB")
        }
        if let cpus, cpus != 0, !(cpus >= 0.01 && cpus <= 4096) {
            throw RPCError(.invalidParams, "cpus must be 0.01 or more, not \(cpus)")
        }
        if let pids, pids < -1 || pids > Self.pidsMaximum {
            throw RPCError(.invalidParams, "pids must be -1 (no limit), 0 or more, at most \(Self.pidsMaximum)")
        }
    }

    /// With what `change` names in place of what there is; a limit of nothing is none.
    func changed(by change: Resources) -> Resources {
        Resources(
            memoryBytes: (change.memoryBytes ?? memoryBytes).flatMap { $0 > 0 ? $0 : nil },
            cpus: (change.cpus ?? cpus).flatMap { $0 > 0 ? $0 : nil },
            pids: (change.pids ?? pids).flatMap { $0 > 0 ? $0 : nil })
    }

    /// The same as the runtime wants it.
    var limits: ContainerResources {
        var limits = ContainerResources()
        limits.memoryBytes = memoryBytes.flatMap { $0 > 0 ? $0 : nil }
        limits.nanoProcessors = cpus.flatMap { $0 > 0 ? Int64($0 * 1e9) : nil }
        limits.processes = pids
        return limits
    }
}

extension RestartPolicy {
    /// Refuses what no container can have, in Docker's words.
    func check() throws(RPCError) {
        guard let maxRetries else { return }
        guard policy == .onFailure || maxRetries == 0 else {
            throw RPCError(
                .invalidParams, "maximum retry count cannot be used with restart policy '\(policy.rawValue)'")
        }
        guard maxRetries >= 0 else { throw RPCError(.invalidParams, "maximum retry count cannot be negative") }
    }
}
