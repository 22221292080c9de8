import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerRestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "restart", abstract: "Restart containers.")

    @OptionGroup var engine: EngineOptions
    @Option(
        name: [.customShort("t", allowingJoined: true), .long, .customLong("timeout")],
        help: "Seconds to wait before killing.")
    var time: Int?
    @Option(name: [.customShort("s"), .long], help: "The signal that is to stop it.") var signal: String?
    @Argument var containers: [String]

    func run() async throws {
        let client = try await engine.connect()
        let request = ContainerRestart(containers: containers, timeoutSeconds: time, signal: signal)
        try Outcomes.show(try await client.call(request), of: containers)
    }
}
