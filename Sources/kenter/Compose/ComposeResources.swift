import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

/// Networks and volumes of a project.
struct ComposeResources {
    private let session: ComposeSession

    init(_ session: ComposeSession) {
        self.session = session
    }

    /// Makes those that are missing; those that exist stay as they are, external ones have to.
    func make() async throws {
        let networks = try await names(NetworkList.name, "networks")
        for network in session.project.networks where !networks.contains(network.request.networkName) {
            let name = network.request.networkName
            guard !network.isExternal else {
                throw CommandFailure("the network \(name) is declared as external, but does not exist: make it first")
            }
            _ = try await session.client.call(network.request)
            ComposeSession.tell("Network", name, "Created")
        }
        let volumes = try await names(VolumeList.name, "volumes")
        for volume in session.project.volumes {
            let name = volume.request.name ?? ""
            if volumes.contains(name) { continue }
            guard !volume.isExternal else {
                throw CommandFailure("the volume \(name) is declared as external, but does not exist: make it first")
            }
            _ = try await session.client.call(volume.request)
            ComposeSession.tell("Volume", name, "Created")
        }
    }

    /// Removes the networks, and with `volumes` the volumes, that are the project's own. Fails with all that stays.
    func remove(volumes removesVolumes: Bool) async throws {
        let networks = try await names(NetworkList.name, "networks")
        let own = session.project.networks.filter { !$0.isExternal }.map(\.request.networkName)
        var outcomes = Outcomes()
        await outcomes.each(own.filter(networks.contains)) { name in
            _ = try await session.client.call(NetworkRemove(network: name))
            ComposeSession.tell("Network", name, "Removed")
        }
        if removesVolumes {
            let volumes = try await names(VolumeList.name, "volumes")
            let own = session.project.volumes.filter { !$0.isExternal }.compactMap(\.request.name)
            await outcomes.each(own.filter(volumes.contains)) { name in
                _ = try await session.client.call(VolumeRemove(volumes: [name]))
                ComposeSession.tell("Volume", name, "Removed")
            }
        }
        try outcomes.finish()
    }

    private func names(_ method: String, _ member: String) async throws -> Set<String> {
        Set(try await Listing.all(session.client, method, member).compactMap { $0.object?["name"]?.string })
    }
}
