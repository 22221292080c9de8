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

    func perform(_ action: ComposePlan.Action) async throws {
        switch action {
        case .keep: ComposeSession.tell("Container", name, "Running")
        case .start(let id):
            try await awaitDependencies()
            try await start(id)
        case .create: try await create()
        case .replace(let ids):
            var kept: [MountRequest] = []
            for id in ids {
                kept += try await unnamedVolumes(of: id)
                try await session.remove(id, name: name, volumes: false)
            }
            try await create(keeping: kept)
        }
    }

    /// Volumes that the file does not name: what lies in them goes over to the next container.
    private func unnamedVolumes(of id: String) async throws -> [MountRequest] {
        let targets = Set((service.container.mounts ?? []).map(\.target))
        return try await session.client.call(ContainerInspect(container: id)).mounts.compactMap { mount in
            guard mount.type == .volume, let name = mount.name, Self.isMadeUp(name), !targets.contains(mount.target)
            else { return nil }
            return MountRequest(
                type: .volume, source: name, target: mount.target, readOnly: mount.readOnly ? true : nil)
        }
    }

    private static func isMadeUp(_ name: String) -> Bool { name.count == 64 && name.allSatisfy(\.isHexDigit) }

    private func create(keeping kept: [MountRequest] = []) async throws {
        try await awaitDependencies()
        var request = service.container
        if !kept.isEmpty { request.mounts = (request.mounts ?? []) + kept }
        request.labels?[ComposeLabel.hash] = service.hash
        let made = request
        let image = ImageOnDemand(
            session.client, policy: ContainerOptions.PullPolicy(rawValue: service.pullPolicy.rawValue) ?? .missing,
            isQuiet: false)
        let created = try await image.withImage(request.image) { try await session.client.call(made) }
        CreationWarnings.show(created.warnings)
        try await start(created.id)
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
        while true {
            let state = try await session.client.call(ContainerInspect(container: other)).state
            let failure = { (text: String) in
                CommandFailure("dependency failed to start: container \(other) \(text)")
            }
            switch (state.status, state.health?.status) {
            case (_, nil): throw failure("has no healthcheck")
            case (.exited, _): throw failure("exited (\(state.exitCode ?? 0))")
            case (.running, .healthy?):
                ComposeSession.tell("Container", other, "Healthy")
                return
            case (_, .unhealthy?): throw failure("is unhealthy")
            default: try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func awaitEnd(of other: String) async throws {
        let code = try await session.client.call(ContainerWait(container: other)).exitCode ?? 0
        guard code == 0 else {
            throw CommandFailure("dependency failed: container \(other) didn't complete successfully: exit \(code)")
        }
        ComposeSession.tell("Container", other, "Exited")
    }
}
