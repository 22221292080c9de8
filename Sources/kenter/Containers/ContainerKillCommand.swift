import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerKillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kill", abstract: "Send containers a signal.")

    @OptionGroup var engine: EngineOptions
    @Option(name: [.customShort("s", allowingJoined: true), .long], help: "The signal (default: KILL).")
    var signal: String?
    @Argument var containers: [String]

    func run() async throws {
        let client = try await engine.connect()
        let outcomes = try await client.call(ContainerKill(containers: containers, signal: signal))
        try Outcomes.show(outcomes, of: containers)
    }
}
