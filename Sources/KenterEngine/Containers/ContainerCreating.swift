import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import Logging
import KenterState

extension ContainerService {
    /// Makes a container; after an error nothing of it is left.
    func create(_ params: ContainerCreate) async throws -> ContainerCreate.Result {
        let (container, warnings) = try await make(params)
        do {
            try update(container.id) { $0.isProvisional = nil }
        } catch {
            await undo(container.id)
            throw error
        }
        return ContainerCreate.Result(id: container.id, name: container.name, warnings: warnings)
    }

    /// Makes and starts a container; when the start fails, it is removed again.
    func run(_ params: ContainerCreate) async throws -> ContainerRun.Result {
        let (container, warnings) = try await make(params)
        let places = gate.places(for: [container.id])
        do {
            try await startWhenReady(container.id, places)
        } catch {
            // It may not have been entered: nobody behind it would ever get in.
            places.leave()
            await undo(container.id)
            throw error
        }
        return ContainerRun.Result(
            id: container.id, name: container.name, warnings: warnings, addresses: try addresses(of: container.id))
    }

    private func addresses(of id: String) throws -> [String: ContainerAddresses] {
        try store.read { transaction in
            var addresses: [String: ContainerAddresses] = [:]
            for attachment in try transaction.attachments(ofContainer: id) {
                guard let network = try transaction.network(id: attachment.networkId) else { continue }
                addresses[network.name] = attachment.addresses
            }
            return addresses
        }
    }

    /// Makes a container that stays provisional: a start or its caller makes it last.
    private func make(_ params: ContainerCreate) async throws -> (ContainerRecord, warnings: [String]) {
        let name = try params.name.map { try ContainerName.check($0) }
        let image = try images.find(params.image)
        let storage = try await images.storageProvider(ofLayers: image.layers)
        let volumeProvider = await defaultVolumeProvider()
        for mount in params.mounts ?? [] where mount.type == .volume {
            if let name = mount.source { try await volumes.finishRemains(named: name) }
        }
        if NetworkModeResolution.isDefault(params.network) { try await networks.prepareDefaultNetworkIfMissing() }
        let (network, further) = try store.read { try NetworkModeResolution($0).places(of: params) }
        let id = Identifier.hex(digits: 64)
        let resolved = try await links.resolve(
            params.links ?? [], consumerId: id, network: network, furtherNetworks: further)
        var mounts = MountResolution(storageProvider: volumeProvider)
        let maker = ContainerDefinitionMaker(
            params: params, image: image, imageName: params.image, network: network,
            defaultHostname: try defaultHostname(id, network))
        // Before the transaction: however much a request asks for, others write meanwhile.
        var definition = try maker.definition()
        definition.storageProvider = storage
        let container = try store.write { transaction in
            // Looked up again: since it was found, somebody may have removed it.
            _ = try ImageService.find(image.id, transaction)
            let name = try name ?? ContainerName.random { try transaction.container(named: $0) != nil }
            try Self.checkFree(name, transaction)
            definition.mounts = try mounts.resolve(params, image: image, transaction)
            let container = ContainerRecord(
                id: id, name: name, createdAt: .now, definition: definition,
                state: ContainerState(status: .created, isProvisional: true))
            try transaction.insert(container)
            try Self.addMemberships(params, further, container, transaction)
            for mount in definition.mounts {
                guard let mountId = mount.volumeMountId, let volumeId = mount.volumeId else { continue }
                try transaction.addVolumeMount(id: mountId, container: id, volume: volumeId)
            }
            for link in resolved.links { try transaction.save(link) }
            _ = try transaction.append(
                event: "container.created", id: id, name: name, attributes: ["image": definition.image])
            try links.recordCreation(of: resolved.links, transaction)
            return container
        }
        do {
            try checkBinds(of: container)
            try runtime.check(try specification(of: container))
            for volumeId in mounts.newVolumeIDs { _ = try await volumes.provision(volumeId) }
            try makeDirectory(directories.container(id))
        } catch {
            await undo(id)
            throw error
        }
        journal.committed()
        return (container, resolved.warnings + hostWarnings(params))
    }

    /// Whoever makes new volumes, or why there is nobody: most containers have none.
    private func defaultVolumeProvider() async -> Result<String, any Error> {
        do {
            return .success(try await plugins.provider(.storage, needing: .volumes).name)
        } catch {
            return .failure(error)
        }
    }

    /// What a start would refuse, create refuses already, except that a start makes missing sources.
    private func checkBinds(of container: ContainerRecord) throws {
        for mount in container.definition.mounts where mount.type == .bind {
            if mount.createSource == true, access(mount.source ?? "", F_OK) != 0 { continue }
            _ = try BindSource(mount, engineFiles: directories.enginesOwn)
        }
    }

    /// The short id, or the name of whoever's network it shares.
    private func defaultHostname(_ id: String, _ network: NetworkMode) throws -> String {
        switch network {
        case .network, .none: return String(id.prefix(12))
        case .host:
            var system = utsname()
            uname(&system)
            let name = withUnsafeBytes(of: system.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return HostName.isValid(name) ? name : "localhost"
        case .container(let other): return try reload(other).definition.config.hostname
        }
    }

    /// The networks that a container is made for, in their order; more can be connected later.
    private static func addMemberships(
        _ params: ContainerCreate, _ further: [String], _ container: ContainerRecord, _ transaction: Transaction
    ) throws {
        guard case .network(let id) = container.definition.network else {
            if !(params.networkAliases ?? []).isEmpty { throw NetworkRefusal.alias }
            if params.ip != nil || params.ip6 != nil { throw NetworkRefusal.address }
            return
        }
        let first = MembershipRequest(
            network: id, aliases: params.networkAliases, ip: params.ip, ip6: params.ip6)
        let wanted = zip([id] + further, [first] + (params.furtherNetworks ?? []))
        for (position, (id, request)) in wanted.enumerated() {
            guard let network = try transaction.network(id: id), !network.isRemoving else {
                throw RPCError(.notFound, "network \(request.network) not found")
            }
            let membership = try MembershipRecord.checked(
                container: container.id, network: network, position: position, aliases: request.aliases,
                ip: request.ip, ip6: request.ip6)
            try transaction.save(membership)
        }
    }

    static func checkFree(_ name: String, _ transaction: Transaction) throws {
        guard let other = try transaction.container(named: name) else { return }
        throw RPCError(
            .alreadyExists,
            "Conflict. The container name \"/\(name)\" is already in use by container \"\(other.id)\". "
                + "You have to remove (or rename) that container to be able to reuse that name.")
    }

    private func hostWarnings(_ params: ContainerCreate) -> [String] {
        var warnings: [String] = []
        if params.network == "host", !(params.publish ?? []).isEmpty || params.publishAll == true {
            warnings.append("Published ports are discarded when using host network mode")
        }
        for source in (params.mounts ?? []).compactMap(\.source) where BindSource.isEngineSocket(source) {
            warnings.append("\(source) is the socket of a container engine: whoever can call it is root on this host")
        }
        return warnings
    }

    /// Removes what a failed operation has made; failures on the way are logged.
    func undo(_ id: String) async {
        do {
            try await gate.enter(id) {
                guard let container = try store.read({ try $0.container(id: id) }) else { return }
                try await remove(container, force: true, anonymousVolumes: true)
            }
        } catch {
            log.error("cannot take back a container", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o711) == 0 || errno == EEXIST else {
            throw RPCError.system("make", path)
        }
    }
}

/// Which networks a request means.
struct NetworkModeResolution {
    private let transaction: Transaction

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    /// The container's mode, and the ids of the networks that it joins besides the one which that may name.
    func places(of params: ContainerCreate) throws -> (mode: NetworkMode, further: [String]) {
        let mode = try mode(params.network)
        let wanted = params.furtherNetworks ?? []
        if wanted.isEmpty { return (mode, []) }
        guard case .network(let first) = mode else { throw NetworkRefusal.mixedModes }
        var ids = [first]
        for request in wanted {
            guard case .network(let id) = try self.mode(request.network) else { throw NetworkRefusal.mixedModes }
            guard !ids.contains(id) else { throw NetworkRefusal.namedTwice(request.network) }
            ids.append(id)
        }
        return (mode, Array(ids.dropFirst()))
    }

    static func isDefault(_ text: String?) -> Bool {
        [nil, "", "default", NetworkService.defaultName].contains(text)
    }

    private func mode(_ text: String?) throws -> NetworkMode {
        switch text ?? NetworkService.defaultName {
        case "host": return .host
        case "none": return .none
        case let text where text.hasPrefix("container:"):
            return .container(id: try ContainerLookup(transaction).container(String(text.dropFirst(10))).id)
        case let text:
            let name = Self.isDefault(text) ? NetworkService.defaultName : text
            return .network(id: try NetworkService.find(name, transaction).id)
        }
    }
}
