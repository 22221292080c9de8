import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// Changes limits and restart policies; the state is the truth, the group of a running container follows it.
    func update(_ params: ContainerUpdate) async throws -> ContainerOutcomes {
        guard params.resources != nil || params.restart != nil else {
            throw RPCError(.invalidParams, "say what is to change: 'resources', 'restart' or both")
        }
        try params.resources?.check()
        try params.restart?.check()
        return try await each(params.container, params.containers) { container in
            do {
                try await self.change(container, params)
            } catch {
                var error = EngineError.wire(error)
                error.message = "Cannot update container \(container.id): \(error.message)"
                throw error
            }
        }
    }

    /// The caller holds the gate. After an error everything is as it was.
    private func change(_ container: ContainerRecord, _ params: ContainerUpdate) async throws {
        guard container.state.status != .removing else {
            throw RPCError(.conflict, "container is marked for removal and cannot be \"update\"")
        }
        var definition = container.definition
        if let resources = params.resources { definition.resources = definition.resources.changed(by: resources) }
        if let restart = params.restart {
            guard !definition.config.autoRemove || restart.policy == .no else {
                throw RPCError(
                    .invalidParams,
                    "Restart policy cannot be updated because AutoRemove is enabled for the container")
            }
            definition.restart = restart
        }
        try runtime.check(definition.resources.limits)
        guard container.state.isRunning, params.resources != nil else { return try record(definition, of: container) }
        try update(container.id) { $0.isUpdating = true }
        CrashPoint.reach("before the limits were set")
        do {
            try await setLimits(container.id, definition.resources)
            CrashPoint.reach("after the limits were set")
            try record(definition, of: container)
        } catch {
            await restoreLimits(of: container)
            throw error
        }
    }

    private func setLimits(_ id: String, _ resources: Resources, isRestoring: Bool = false) async throws {
        do throws(RuntimeError) {
            if isRestoring {
                try await runtime.restoreLimits(id, to: resources.limits)
            } else {
                try await runtime.limit(id, to: resources.limits)
            }
        } catch {
            switch error.kind {
            case .notRunning: return  // It has ended meanwhile: its next start has them.
            case .refused: throw RPCError(.conflict, error.message)
            case .commandNotFound, .commandNotExecutable, .failed: throw error
            }
        }
    }

    /// Makes the limits of a running container what the state says, after a change that was not acknowledged.
    func restoreLimits(of container: ContainerRecord) async {
        do {
            try await setLimits(container.id, container.definition.resources, isRestoring: true)
            try update(container.id) { $0.isUpdating = nil }
        } catch {
            log.error("cannot set limits back", metadata: ["container": "\(container.id)", "error": "\(error)"])
        }
    }

    private func record(_ definition: ContainerDefinition, of container: ContainerRecord) throws {
        let staysDown = try store.write { transaction -> Bool in
            guard var record = try transaction.container(id: container.id) else { return false }
            record.state.isUpdating = nil
            let staysDown =
                record.state.status == .restarting && record.state.restartDecision(definition.restart) == .stay
            if staysDown {
                record.state.status = .exited
                record.state.isWanted = false
            }
            try transaction.setDefinition(definition, ofContainer: container.id)
            try transaction.setState(record.state, ofContainer: container.id)
            _ = try transaction.append(
                event: "container.updated", id: container.id, name: record.name,
                attributes: ["image": definition.image])
            return staysDown
        }
        if staysDown {
            watchers.cancel(container.id)
            tellEnded()
        }
        journal.committed()
        conditions.changed(container.id)
    }
}
