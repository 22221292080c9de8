import JSONRPC
import KenterProtocol
import KenterState
import Logging

// How volumes go. The removal is in the state first; it is taken back only where the provider has said that it did not do
// it: a provider that died meanwhile may have.
extension VolumeService {
    /// Removes a volume that nothing uses, data included.
    ///
    /// Fails with `conflict` while it is in use, and with what its provider says; where that may have removed it all the
    /// same, the removal is finished once the provider runs again.
    func remove(_ volume: VolumeRecord) async throws {
        try await gate.enter(volume.id) {
            guard try beginRemoval(of: volume) else { return }
            do {
                try await removeAtProvider(volume.id)
            } catch let error as RPCError where error.mayHaveActed {
                throw RPCError(
                    error.kind,
                    "\(error); the volume \(volume.name) may be gone already, and is removed once its provider runs again",
                    details: error.details)
            } catch {
                try setRemoving(volume.id, nil)
                throw error
            }
        }
        journal.committed()
    }

    /// Takes back a volume whose making has failed, unless somebody was told of it or uses it by now.
    func discard(_ id: String) async {
        do {
            let isLeaving = try store.write { transaction in
                guard try transaction.volume(id: id)?.isProvisional == true else { return false }
                return try !Self.beginRemoval(of: [id], anonymous: false, transaction).isEmpty
            }
            if isLeaving { await finishRemoval(id) }
        } catch {
            log.error("cannot take back a volume", metadata: ["volume": "\(id)", "error": "\(error)"])
        }
    }

    /// Remembers that these volumes go where nothing uses them: those that nobody was told of and, if so asked, those
    /// without a name. Returns their ids, for ``finishRemoval(_:)``.
    static func beginRemoval(of ids: [String], anonymous: Bool, _ transaction: Transaction) throws -> [String] {
        try Set(ids).sorted().filter { id in
            guard var volume = try transaction.volume(id: id),
                volume.isProvisional == true || (anonymous && volume.isAnonymous),
                try transaction.containerIDs(usingVolume: id).isEmpty
            else { return false }
            volume.isRemoving = true
            try transaction.save(volume)
            return true
        }
    }

    /// Finishes a removal that nobody waits for; what fails is logged, and tried again at the provider's next start.
    func finishRemoval(_ id: String) async {
        do {
            try await gate.enter(id) { try await removeAtProvider(id) }
            journal.committed()
        } catch {
            log.error("cannot remove a volume", metadata: ["volume": "\(id)", "error": "\(error)"])
        }
    }

    /// Finishes the removal of a volume whose name is about to be used, where that is still under way or was cut short.
    func finishRemains(named name: String) async throws {
        guard let remains = try store.read({ try $0.volume(named: name) }), remains.isRemoving == true else { return }
        try await gate.enter(remains.id) { try await removeAtProvider(remains.id) }
    }

    /// Finishes, when the engine starts, what an engine that died had begun to remove, and removes what that had told nobody
    /// of.
    func recover() async {
        await endFillers()
        do {
            let leaving = try store.write { transaction in
                let volumes = try transaction.volumes()
                let unknown = volumes.filter { $0.isProvisional == true && $0.isRemoving != true }.map(\.id)
                return try volumes.filter { $0.isRemoving == true }.map(\.id)
                    + Self.beginRemoval(of: unknown, anonymous: false, transaction)
            }
            for id in leaving { await finishRemoval(id) }
        } catch {
            log.error("cannot recover the volumes", metadata: ["error": "\(error)"])
        }
    }

    /// A provider has started anew: finishes what it could not do.
    func finishRemovals(of provider: String) async {
        do {
            for volume in try store.read({ try $0.volumes() })
            where volume.provider == provider && volume.isRemoving == true {
                await finishRemoval(volume.id)
            }
        } catch {
            log.error("cannot read the volumes", metadata: ["error": "\(error)"])
        }
    }

    // MARK: steps

    /// Removes what is being removed; nothing where that was finished, or taken back, meanwhile. Holds the volume's gate.
    private func removeAtProvider(_ id: String) async throws {
        guard let volume = try store.read({ try $0.volume(id: id) }), volume.isRemoving == true else { return }
        _ = try await plugins.call(
            ProviderVolumeRemove(volumeId: id, state: volume.providerState), role: .storage, provider: volume.provider)
        try store.write { transaction in
            try transaction.deleteVolume(id: id)
            guard volume.isShown else { return }
            _ = try transaction.append(event: "volume.removed", id: id, name: volume.name)
        }
    }

    /// Remembers that the volume goes, so that no container takes it meanwhile; false when it has gone already.
    private func beginRemoval(of volume: VolumeRecord) throws -> Bool {
        try store.write { transaction in
            guard var present = try transaction.volume(id: volume.id) else { return false }
            let users = try transaction.containerIDs(usingVolume: volume.id)
            guard users.isEmpty else {
                throw RPCError(
                    .conflict, "remove \(volume.name): volume is in use - [\(users.joined(separator: ", "))]",
                    details: ["usedBy": .array(users.map { .string($0) })])
            }
            present.isRemoving = true
            try transaction.save(present)
            return true
        }
    }

    private func setRemoving(_ id: String, _ value: Bool?) throws {
        try store.write { transaction in
            guard var volume = try transaction.volume(id: id) else { return }
            volume.isRemoving = value
            try transaction.save(volume)
        }
    }
}
