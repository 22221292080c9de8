import ArgumentParser
import JSONRPC
import KenterProtocol

struct ContainerInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show all about containers.")

    @OptionGroup var engine: EngineOptions
    @Argument var containers: [String]

    func run() async throws {
        try await Inspection.show(containers, [.container], try await engine.connect()) { "No such container: \($0)" }
    }
}
