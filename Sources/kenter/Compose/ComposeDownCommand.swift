import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeDownCommand: Command {
    static let abstract = "Stop and remove a project's containers and networks."
    static let discussion = "Without a file, --project-name is enough: what carries the project's labels goes."

    let engine: EngineOptions
    let compose: ComposeOptions
    let volumes: Bool
    let timeout: Int?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        volumes = arguments.flag("volumes", "v", "Remove its volumes, too.")
        timeout = try arguments.integer("timeout", "t", "Seconds that stopping waits before it kills.")
        // Containers of services that the file has no more belong to the project all the same.
        _ = arguments.flag("remove-orphans", "Remove containers of services that the file has no more; always done.")
    }

    func run() async throws {
        let client = try await engine.connect()
        let project = try await compose.presentProject(client)
        Interruption.tellAtEnd("the engine was told to give up: what is not removed yet may stay")
        let session = ComposeSession(client: client, project: project)
        let order = project.services.map(\.name)
        let containers = try await session.containers().sorted { left, right in
            // Consumers before their sources, those that the file does not know first of all.
            let places = [left, right].map { container in
                order.firstIndex(of: container.labels[ComposeLabel.service] ?? "") ?? order.count
            }
            return places[0] > places[1]
        }
        if containers.isEmpty, project.networks.isEmpty, project.volumes.isEmpty {
            // Of a name alone: it may be mistyped.
            Output.errorLine("WARNING: nothing to remove for the project \(TerminalText.escaped(project.name))")
        }
        var outcomes = Outcomes()
        await outcomes.each(containers) { container in
            try await session.remove(container.id, name: container.name, volumes: volumes, timeoutSeconds: timeout)
        }
        await outcomes.each([ComposeResources(session)]) { try await $0.remove(volumes: volumes) }
        try outcomes.finish()
    }
}
