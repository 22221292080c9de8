import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeStartCommand: Command {
    static let abstract = "Start a project's containers that do not run, with what they depend on."

    let engine: EngineOptions
    let compose: ComposeOptions
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let project = try await compose.project(named: services, tellsWarnings: false)
        let wanted = project.withDependencies(try project.services(named: services))
        let session = ComposeSession(client: try await engine.connect(), project: project)
        var started: Set<String> = []
        for service in project.withRestarting(wanted) {
            let isWanted = wanted.contains { $0.name == service.name }
            let containers = try await session.containers(of: [service])
            if isWanted, containers.isEmpty {
                throw CommandFailure("service \"\(service.name)\" has no container to start")
            }
            for container in containers {
                let action: ComposePlan.Action
                if ComposeSession.isUp(container) {
                    guard service.restarts(with: started) else { continue }
                    action = .restart(id: container.id)
                } else {
                    guard isWanted else { continue }
                    action = .start(id: container.id)
                }
                try await ComposeStart(session, service).perform(action)
                started.insert(service.name)
            }
        }
    }
}
