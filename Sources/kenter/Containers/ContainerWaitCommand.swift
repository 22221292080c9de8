import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerWaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until containers exit and print their exit codes.")

    @OptionGroup var engine: EngineOptions
    @Option(help: "Wait for another state instead: running or healthy.") var until: Condition = .exited
    @Argument var containers: [String]

    enum Condition: String, ExpressibleByArgument, CaseIterable {
        case exited, running, healthy
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(containers) { name in
            let condition = ContainerWait.Condition(rawValue: until.rawValue)
            let result = try await client.call(ContainerWait(container: name, until: condition))
            Output.line(result.exitCode.map(String.init) ?? result.state.rawValue)
        }
    }
}
