import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Freeze every process of containers.")

    @OptionGroup var engine: EngineOptions
    @Argument var containers: [String]

    func run() async throws {
        let client = try await engine.connect()
        try Outcomes.show(try await client.call(ContainerPause(containers: containers)), of: containers)
    }
}
