import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// What a running container has used.
    func stats(_ params: ContainerStats) async throws -> ContainerStats.Result {
        let container = try find(params.container)
        guard container.state.isRunning else {
            throw RPCError(.conflict, "Container \(container.id) is not running")
        }
        let usage = runtime.usage(of: container.id)
        return ContainerStats.Result(
            id: container.id, name: container.name, readAt: Timestamp.now.description,
            cpuNanoseconds: usage.cpuNanoseconds, memoryUsageBytes: usage.memoryBytes,
            memoryLimitBytes: usage.memoryLimitBytes ?? Self.hostMemoryBytes, pids: usage.pids,
            blockReadBytes: usage.blockReadBytes, blockWriteBytes: usage.blockWriteBytes,
            networks: try await networks.traffic(of: container.id))
    }

    private static var hostMemoryBytes: Int64? {
        let (pages, pageBytes) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && pageBytes > 0 ? Int64(pages) * Int64(pageBytes) : nil
    }
}

extension NetworkService {
    /// By name of network; one whose provider has no counters, or does not answer now, is left out.
    func traffic(of container: String) async throws -> [String: ContainerStats.Result.Traffic] {
        let attached = try store.read { transaction in
            try transaction.attachments(ofContainer: container).filter(\.isAttached).compactMap { attachment in
                try transaction.network(id: attachment.networkId).map { (attachment.id, $0) }
            }
        }
        var traffic: [String: ContainerStats.Result.Traffic] = [:]
        for (attachment, network) in attached {
            do {
                let counted = try await plugins.call(
                    ProviderNetworkStats(attachmentId: attachment), role: .network, provider: network.provider)
                traffic[network.name] = ContainerStats.Result.Traffic(
                    rxBytes: counted.rxBytes, txBytes: counted.txBytes, rxPackets: counted.rxPackets,
                    txPackets: counted.txPackets, dropped: counted.dropped)
            } catch let error as RPCError where error.kind != .cancelled {
                log.debug("no counters", metadata: ["network": "\(network.name)", "error": "\(error)"])
            }
        }
        return traffic
    }
}
