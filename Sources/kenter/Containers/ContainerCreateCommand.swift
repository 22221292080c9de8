import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a container without starting it.",
        usage: "kenter create [OPTIONS] IMAGE [COMMAND] [ARGUMENT...]")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var options: ContainerOptions

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
