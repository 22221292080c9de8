import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

/// Brings one service to run.
struct ComposeStart {
    private let session: ComposeSession
    private let service: ComposeService
    private let name: String

    init(_ session: ComposeSession, _ service: ComposeService) {
        self.session = session
        self.service = service
        name = service.container.name ?? service.name
    }

    /// Fails with the service's name before what the engine says.
    func perform(_ action: ComposePlan.Action) async throws {
        do {
            try await carryOut(action)
        } catch let error as RPCError where error.kind != .cancelled {
            throw CommandFailure("service \"\(service.name)\": \(error.message)")
        }
    }

    private func carryOut(_ action: ComposePlan.Action) async throws {
        switch action {
        case .keep: ComposeSession.tell("Container", name, "Running")
        case .start(let id):
            try await awaitDependencies()
            try await start(id)
        case .restart(let id):
            try await awaitDependencies()
            _ = try await session.client.call(ContainerRestart(container: id))
            ComposeSession.tell("Container", name, "Started")
        case .create:
            try await awaitDependencies()
            try await start(try await create(service.container))
        case .replace(let ids): try await replace(ids)
        }
    }

    /// The new container is made, under a passing name, before the last one goes: what can fail leaves that as it was.
    /// Killed in between, the next `up` finds the new one, with the unnamed volumes, and takes it for one to be replaced.
    private func replace(_ ids: [String]) async throws {
        try await awaitDependencies()
        var request = service.container
        var mounts: [Container.Mount] = []
        for id in ids { mounts += try await session.client.call(ContainerInspect(container: id)).mounts }
        request.mounts = service.mounts(keeping: mounts)
        request.name = Self.passingName(name, ids)
        let id = try await create(request)
        for id in ids { try await session.remove(id, name: name, volumes: false) }
        _ = try await session.client.call(ContainerRename(container: id, newName: name))
        try await start(id)
    }

    /// As Docker's: the last container's short id before the name, and no longer than a name may be.
    private static func passingName(_ name: String, _ ids: [String]) -> String {
        String("\(ids.first?.prefix(12) ?? "")_\(name)".prefix(128))
    }

    private func create(_ asked: ContainerCreate) async throws -> String {
        var request = asked
        request.labels?[ComposeLabel.hash] = service.hash
        let made = request
        let image = ImageOnDemand(
            session.client, policy: ContainerOptions.PullPolicy(rawValue: service.pullPolicy.rawValue) ?? .missing,
            isQuiet: false)
        let created = try await image.withImage(request.image) { try await session.client.call(made) }
        CreationWarnings.show(created.warnings)
        return created.id
    }

    private func start(_ id: String) async throws {
        _ = try await session.client.call(ContainerStart(container: id))
        ComposeSession.tell("Container", name, "Started")
    }

    // MARK: dependencies

    private func awaitDependencies() async throws {
        for dependency in service.dependencies {
            guard let other = session.project.service(dependency.service)?.container.name else { continue }
            switch dependency.condition {
            case .started: break  // It is before this one in the order.
            case .healthy: try await awaitHealth(of: other)
            case .completed: try await awaitEnd(of: other)
            }
        }
    }

    /// Looks again and again, as an unhealthy one is as good a reason to go on as a healthy one.
    private func awaitHealth(of other: String) async throws {
        var isTold = false
        while true {
            let state = try await session.client.call(ContainerInspect(container: other)).state
            let failure = { (text: String) in
                CommandFailure("dependency failed to start: container \(other) \(text)")
            }
            switch (state.status, state.health?.status) {
            case (_, nil): throw failure("has no healthcheck")
            case (.exited, _): throw failure("exited (\(state.exitCode ?? 0))")
            case (.paused, _): throw failure("is paused: kenter unpause \(other) lets it go on")
            case (.running, .healthy?):
                ComposeSession.tell("Container", other, "Healthy")
                return
            case (_, .unhealthy?): throw failure("is unhealthy")
            default: try await pause(for: other, &isTold)
            }
        }
    }

    private func awaitEnd(of other: String) async throws {
        var isTold = false
        while true {
            let state = try await session.client.call(ContainerInspect(container: other)).state
            let failure = { (text: String) in
                CommandFailure("dependency failed: container \(other) \(text)")
            }
            switch (state.status, state.exitCode ?? 0) {
            case (.exited, 0):
                ComposeSession.tell("Container", other, "Exited")
                return
            case (.exited, let code): throw failure("didn't complete successfully: exit \(code)")
            case (.paused, _): throw failure("is paused: kenter unpause \(other) lets it go on")
            default: try await pause(for: other, &isTold)
            }
        }
    }

    private func pause(for other: String, _ isTold: inout Bool) async throws {
        if !isTold { ComposeSession.tell("Container", other, "Waiting") }
        isTold = true
        try await Task.sleep(for: .milliseconds(200))
    }
}
