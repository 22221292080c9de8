import KenterClient
import KenterProtocol

struct ContainerCreateCommand: Command {
    static let abstract = "Create a container without starting it."

    let engine: EngineOptions
    let options: ContainerOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        options = try ContainerOptions(&arguments)
    }

    func run() async throws {
        let request: ContainerCreate
        do {
            request = try options.request()
        } catch {
            throw CommandFailure(error.message, helpCommand: "create")
        }
        let client = try await engine.connect()
        let created = try await ImageOnDemand(client, options).withImage(request.image) {
            try await client.call(request)
        }
        CreationWarnings.show(created.warnings)
        Output.line(created.id)
    }
}
