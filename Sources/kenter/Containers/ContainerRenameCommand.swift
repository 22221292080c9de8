import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerRenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a container another name.")

    @OptionGroup var engine: EngineOptions
    @Argument var container: String
    @Argument var name: String

    func run() async throws {
        guard !container.isEmpty, !name.isEmpty else {
            throw CommandFailure("Neither old nor new names may be empty")
        }
        let client = try await engine.connect()
        _ = try await client.call(ContainerRename(container: container, newName: name))
    }
}
