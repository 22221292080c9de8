import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// Volumes: data that outlives its containers.
final class VolumeService: Sendable {
    let store: StateStore
    let plugins: PluginHost
    let journal: EventJournal
    let log: Logger
    /// One change at a time for each volume.
    let gate = KeyedGate()

    init(store: StateStore, plugins: PluginHost, journal: EventJournal, log: Logger) {
        self.store = store
        self.plugins = plugins
        self.journal = journal
        self.log = log
    }

    // MARK: the noun's verbs

    func create(_ params: VolumeCreate) async throws -> VolumeCreate.Result {
        let name = try params.name.map { try Self.checkName($0) } ?? Identifier.hex(digits: 64)
        let provider = try await plugins.provider(.storage, named: params.provider, needing: .volumes)
        let spec = ProviderVolumeCreate.Specification(
            capacityBytes: params.capacityBytes, parameters: params.parameters)
        let volume = VolumeRecord(
            id: Identifier.hex(digits: 64), name: name, provider: provider.name, spec: spec,
            labels: params.labels ?? [:], createdAt: .now, isAnonymous: params.name == nil, isProvisional: true)
        try await finishRemains(named: name)
        let existing = try store.write { transaction -> VolumeRecord? in
            if let existing = try Self.existing(name, transaction) { return existing }
            try transaction.save(volume)
            return nil
        }
        if let existing, existing.provider != provider.name || existing.spec != spec {
            throw RPCError(.conflict, "a volume named '\(name)' exists with another provider or specification")
        }
        do {
            _ = try await provision(existing?.id ?? volume.id, isAcknowledged: true)
        } catch {
            await shielded { await self.discard(existing?.id ?? volume.id) }
            throw error
        }
        journal.committed()
        return VolumeCreate.Result(name: name)
    }

    func list() throws -> [Volume] {
        try store.read { transaction in
            try transaction.volumes().filter(\.isShown).map { try Self.present($0, transaction) }
        }
    }

    func inspect(_ name: String) throws -> Volume {
        try store.read { transaction in
            guard let volume = try transaction.volume(named: name), volume.isShown else { throw Self.missing(name) }
            return try Self.present(volume, transaction)
        }
    }

    /// Removes those that can be; fails with the first that cannot, naming those that were removed before it.
    func remove(_ params: VolumeRemove) async throws -> VolumeRemove.Result {
        var removed: [String] = []
        for name in params.volumes {
            do {
                guard let volume = try store.read({ try $0.volume(named: name) }), volume.isShown else {
                    throw Self.missing(name)
                }
                try await remove(volume)
                removed.append(name)
            } catch let error as RPCError where error.kind == .notFound && params.force == true {
                continue
            } catch let error as RPCError {
                var error = error
                error.details["removed"] = .array(removed.map { .string($0) })
                throw error
            }
        }
        return VolumeRemove.Result(removed: removed)
    }

    func prune(_ params: VolumePrune) async throws -> VolumePrune.Result {
        let unused = try store.read { transaction in
            try transaction.volumes().filter { volume in
                guard volume.isShown, volume.isAnonymous || params.all == true else { return false }
                return try transaction.containerIDs(usingVolume: volume.id).isEmpty
            }
        }
        var removed: [String] = []
        for volume in unused {
            do {
                try await remove(volume)
                removed.append(volume.name)
            } catch let error as RPCError where error.kind == .conflict {
                continue  // A container has taken it meanwhile.
            } catch {
                log.error("cannot prune a volume", metadata: ["volume": "\(volume.name)", "error": "\(error)"])
            }
        }
        return VolumePrune.Result(removed: removed)
    }

    // MARK: for containers

    /// Finds the volume of that name or remembers a new one, within the transaction that makes its container.
    static func adopt(
        name: String?, provider: Result<String, any Error>, _ transaction: Transaction
    ) throws -> (volume: VolumeRecord, isNew: Bool) {
        if let name, let existing = try existing(name, transaction) { return (existing, false) }
        let volume = VolumeRecord(
            id: Identifier.hex(digits: 64), name: name ?? Identifier.hex(digits: 64), provider: try provider.get(),
            spec: ProviderVolumeCreate.Specification(), labels: [:], createdAt: .now, isAnonymous: name == nil,
            isProvisional: true)
        try transaction.save(volume)
        return (volume, true)
    }

    private static func existing(_ name: String, _ transaction: Transaction) throws -> VolumeRecord? {
        let volume = try transaction.volume(named: name)
        if volume?.isRemoving == true { throw isBeingRemoved(name) }
        return volume
    }

    private static func isBeingRemoved(_ name: String) -> RPCError {
        RPCError(.pending, "the volume \(name) is being removed: try again")
    }

    /// Makes a volume exist at its provider; the same answer however often. Fails with `pending` where it is being removed:
    /// whoever does that waits for the gate already, and would remove what was promised to stay.
    ///
    /// - Parameter isAcknowledged: Whether its maker is told so next: from then on it stays.
    func provision(_ id: String, isAcknowledged: Bool = false) async throws -> VolumeRecord {
        try await gate.enter(id) {
            guard let volume = try store.read({ try $0.volume(id: id) }) else { throw Self.gone(id) }
            if volume.isRemoving == true { throw Self.isBeingRemoved(volume.name) }
            var state = volume.providerState
            if state == nil {
                state = try await plugins.call(
                    ProviderVolumeCreate(volumeId: volume.id, volumeName: volume.name, spec: volume.spec),
                    role: .storage, provider: volume.provider
                ).state
            } else if !isAcknowledged {
                return volume
            }
            let made = state
            let present = try store.write { transaction in
                guard var volume = try transaction.volume(id: id) else { throw Self.gone(id) }
                // Saved in any case: its removal needs it.
                volume.providerState = made
                try transaction.save(volume)
                if isAcknowledged, volume.isRemoving != true { try Self.acknowledge(id, transaction) }
                return volume
            }
            if present.isRemoving == true { throw Self.isBeingRemoved(present.name) }
            return present
        }
    }

    /// Somebody is about to be told of the volume.
    static func acknowledge(_ id: String, _ transaction: Transaction) throws {
        guard var volume = try transaction.volume(id: id), volume.isProvisional == true else { return }
        volume.isProvisional = nil
        try transaction.save(volume)
        _ = try transaction.append(event: "volume.created", id: id, name: volume.name)
    }

    private static func gone(_ id: String) -> RPCError {
        RPCError(.notFound, "the volume \(id) no longer exists")
    }

    // MARK: presentation

    static func checkName(_ name: String) throws(RPCError) -> String {
        let bytes = Array(name.utf8)
        let isValid =
            (2...255).contains(bytes.count)
            && bytes.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [95, 46, 45].contains(byte)
            } && ![95, 46, 45].contains(bytes[0])
        guard isValid else {
            throw RPCError(
                .invalidParams,
                "create \(name): \"\(name)\" includes invalid characters for a local volume name, only "
                    + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )
        }
        return name
    }

    private static func missing(_ name: String) -> RPCError { RPCError(.notFound, "No such volume: \(name)") }

    private static func present(_ volume: VolumeRecord, _ transaction: Transaction) throws -> Volume {
        Volume(
            name: volume.name, provider: volume.provider, createdAt: volume.createdAt.description,
            labels: volume.labels, parameters: volume.spec.parameters ?? [:],
            usedBy: try transaction.containerIDs(usingVolume: volume.id).map { id in
                try transaction.container(id: id)?.name ?? id
            },
            isAnonymous: volume.isAnonymous)
    }
}

extension VolumeRecord {
    /// Whether its name is anybody's business: one that is being made, or taken back, is not there for anybody.
    var isShown: Bool { isProvisional != true }
}
