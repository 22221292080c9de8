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
        let services = project.withDependencies(try project.services(named: services))
        let session = ComposeSession(client: try await engine.connect(), project: project)
        for service in services {
            let containers = try await session.containers(of: [service])
            guard !containers.isEmpty else {
                throw CommandFailure("service \"\(service.name)\" has no container to start")
            }
            for container in containers where !ComposeSession.isUp(container) {
                try await ComposeStart(session, service).perform(.start(id: container.id))
            }
        }
    }
}
