import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeStopCommand: Command {
    static let abstract = "Stop a project's containers, and keep them."

    let engine: EngineOptions
    let compose: ComposeOptions
    let timeout: Int?
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        timeout = try arguments.integer("timeout", "t", "Seconds that stopping waits before it kills.")
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let project = try await compose.wholeProject()
        let services = try project.services(named: services)
        Interruption.tellAtEnd("the engine was told to give up: what is not stopped yet may stay")
        let session = ComposeSession(client: try await engine.connect(), project: project)
        try await session.stop(services, timeoutSeconds: timeout)
    }
}
