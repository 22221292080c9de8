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
        return try await withThrowingTaskGroup(of: (String, ContainerStats.Result.Traffic?).self) { group in
            for (attachment, network) in attached {
                group.addTask { (network.name, try await self.traffic(ofAttachment: attachment, network)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func traffic(
        ofAttachment attachment: String, _ network: NetworkRecord
    ) async throws -> ContainerStats.Result.Traffic? {
        do {
            // Somebody looks at a screen: counters that are not there at once are left out.
            let counted = try await plugins.call(
                ProviderNetworkStats(attachmentId: attachment), role: .network, provider: network.provider,
                timeout: .seconds(2))
            return ContainerStats.Result.Traffic(
                rxBytes: counted.rxBytes, txBytes: counted.txBytes, rxPackets: counted.rxPackets,
                txPackets: counted.txPackets, dropped: counted.dropped)
        } catch let error as RPCError where error.kind != .cancelled {
            log.debug("no counters", metadata: ["network": "\(network.name)", "error": "\(error)"])
            return nil
        }
    }
}
