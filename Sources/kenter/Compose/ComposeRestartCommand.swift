import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeRestartCommand: Command {
    static let abstract = "Restart a project's containers."

    let engine: EngineOptions
    let compose: ComposeOptions
    let timeout: Int?
    let noDeps: Bool
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        timeout = try arguments.integer("timeout", "t", "Seconds that stopping waits before it kills.")
        noDeps = arguments.flag("no-deps", "Not those that ask to be restarted with one of them (restart: true).")
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let project = try await compose.project(named: services, tellsWarnings: false)
        let named = try project.services(named: services)
        let services = noDeps ? named : project.withRestarting(named)
        Interruption.tellAtEnd("the engine was told to give up: what is not restarted yet may stay")
        let session = ComposeSession(client: try await engine.connect(), project: project)
        var outcomes = Outcomes()
        await outcomes.each(try await session.containers(of: services)) { container in
            _ = try await session.client.call(ContainerRestart(container: container.id, timeoutSeconds: timeout))
            ComposeSession.tell("Container", container.name, "Started")
        }
        try outcomes.finish()
    }
}
