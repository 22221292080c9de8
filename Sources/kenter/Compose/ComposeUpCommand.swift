import Glibc
import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeUpCommand: Command {
    static let abstract = "Bring a project up: make and start what is missing or has changed, leave the rest alone."

    let engine: EngineOptions
    let compose: ComposeOptions
    let detach: Bool
    let forcesNew: Bool
    let removesOrphans: Bool
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        detach = arguments.flag("detach", "d", "Leave it running in the background.")
        forcesNew = arguments.flag("force-recreate", "Make every container anew, changed or not.")
        removesOrphans = arguments.flag("remove-orphans", "Remove containers of services that the file has no more.")
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let begin = Timestamp.now
        let project = try await compose.project()
        _ = try project.services(named: services)
        let session = ComposeSession(client: try await engine.connect(), project: project)
        if !detach { SignalPipe.hold([SIGINT, SIGTERM]) }
        try await ComposeResources(session).make()
        let plan = ComposePlan(
            project, existing: try await session.existing(), services: Set(services), forcesNew: forcesNew)
        try await handle(plan.orphans, session)
        for (name, action) in plan.actions {
            guard let service = project.service(name) else { continue }
            try await ComposeStart(session, service).perform(action)
        }
        if !detach { try await follow(session, plan.actions.map(\.service), since: begin) }
    }

    private func handle(_ orphans: [ComposePlan.Existing], _ session: ComposeSession) async throws {
        for orphan in orphans {
            if removesOrphans {
                try await session.remove(orphan.id, name: orphan.service, volumes: false)
            } else {
                Output.errorLine(
                    "WARNING: there is a container of the service \(TerminalText.escaped(orphan.service)), which this file "
                        + "does not have: --remove-orphans removes it")
            }
        }
    }

    /// Shows what the services write until they have ended, or somebody presses ctrl-c: then they are stopped.
    private func follow(
        _ session: ComposeSession, _ services: [String], since begin: Timestamp
    ) async throws {
        let logs = ComposeLogs(session, since: begin.description)
        // Unstructured because it ends with the signal or the containers, whichever comes first.
        let shown = Task { try await logs.show(services: services, follows: true) }
        SignalPipe.handle([SIGINT, SIGTERM]) { _ in shown.cancel() }
        _ = await shown.result
        for service in session.project.services.reversed() where services.contains(service.name) {
            guard let name = service.container.name else { continue }
            _ = try await session.client.call(ContainerStop(container: name))
            ComposeSession.tell("Container", name, "Stopped")
        }
    }
}

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

    /// Removes the networks, and with `volumes` the volumes, that are the project's own.
    func remove(volumes removesVolumes: Bool) async throws {
        let networks = try await names(NetworkList.name, "networks")
        for network in session.project.networks where !network.isExternal {
            guard networks.contains(network.request.networkName) else { continue }
            _ = try await session.client.call(NetworkRemove(network: network.request.networkName))
            ComposeSession.tell("Network", network.request.networkName, "Removed")
        }
        guard removesVolumes else { return }
        let volumes = try await names(VolumeList.name, "volumes")
        for name in session.project.volumes.filter({ !$0.isExternal }).compactMap(\.request.name)
        where volumes.contains(name) {
            _ = try await session.client.call(VolumeRemove(volumes: [name]))
            ComposeSession.tell("Volume", name, "Removed")
        }
    }

    private func names(_ method: String, _ member: String) async throws -> Set<String> {
        Set(try await Listing.all(session.client, method, member).compactMap { $0.object?["name"]?.string })
    }
}
