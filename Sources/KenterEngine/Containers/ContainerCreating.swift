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
        return ContainerCreate.Result(id: container.id, name: container.name, warnings: warnings)
    }

    /// Makes and starts a container; when the start fails, it is removed again.
    func run(_ params: ContainerCreate) async throws -> ContainerRun.Result {
        let (container, warnings) = try await make(params)
        do {
            try await gate.enter(container.id) { try await start(try reload(container.id), together: []) }
        } catch {
            await undo(container.id)
            throw error
        }
        return ContainerRun.Result(
            id: container.id, name: container.name, warnings: warnings, addresses: try addresses(of: container.id))
    }

    private func addresses(of id: String) throws -> [String: ContainerAddresses] {
        try store.read { transaction in
            guard let attachment = try transaction.attachment(ofContainer: id),
                let network = try transaction.network(id: attachment.networkId)
            else { return [:] }
            return [network.name: attachment.addresses]
        }
    }

    private func make(_ params: ContainerCreate) async throws -> (ContainerRecord, warnings: [String]) {
        let name = try params.name.map { try ContainerName.check($0) }
        let image = try images.find(params.image)
        let storage = try await plugins.provider(.storage)
        let network = try store.read { try NetworkModeResolution($0).mode(params.network) }
        let id = Identifier.hex(digits: 64)
        let resolved = try await links.resolve(params.links ?? [], consumerId: id, network: network)
        var mounts = MountResolution(
            engineDirectories: [directories.root, directories.run], storageProvider: storage.name)
        let maker = ContainerDefinitionMaker(
            params: params, image: image, imageName: params.image, network: network, shortID: String(id.prefix(12)))
        let container = try store.write { transaction in
            // Looked up again: since it was found, somebody may have removed it.
            _ = try ImageService.find(image.id, transaction)
            let name = try name ?? ContainerName.random { try transaction.container(named: $0) != nil }
            try Self.checkFree(name, transaction)
            let definition = try maker.definition(
                mounts: try mounts.resolve(params, image: image, container: id, transaction))
            let container = ContainerRecord(
                id: id, name: name, createdAt: .now, definition: definition, state: ContainerState(status: .created))
            try transaction.insert(container)
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
            try runtime.check(try specification(of: container))
            for volumeId in mounts.newVolumeIDs { _ = try await volumes.provision(volumeId) }
            try makeDirectory(directories.container(id))
        } catch {
            await undo(id)
            for volumeId in mounts.newVolumeIDs { await volumes.discard(volumeId) }
            throw error
        }
        journal.committed()
        return (container, resolved.warnings + hostWarnings(params))
    }

    private static func checkFree(_ name: String, _ transaction: Transaction) throws {
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
        if let test = params.healthcheck?.test.first, test != "NONE" {
            warnings.append("The healthcheck is kept and shown, but this version does not run it")
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
            throw RPCError(.io, "cannot make \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// Which network a request means.
struct NetworkModeResolution {
    private let transaction: Transaction

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    func mode(_ text: String?) throws -> NetworkMode {
        switch text ?? NetworkService.defaultName {
        case "host": return .host
        case "none": return .none
        case let text where text.hasPrefix("container:"):
            return .container(id: try ContainerLookup(transaction).container(String(text.dropFirst(10))).id)
        case let text:
            let name = text == "default" || text.isEmpty ? NetworkService.defaultName : text
            return .network(id: try NetworkService.find(name, transaction).id)
        }
    }
}
