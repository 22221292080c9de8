import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause", abstract: "Let frozen containers go on.", aliases: ["resume"])

    @OptionGroup var engine: EngineOptions
    @Argument var containers: [String]

    func run() async throws {
        let client = try await engine.connect()
        try Outcomes.show(try await client.call(ContainerResume(containers: containers)), of: containers)
    }
}
