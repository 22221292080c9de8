import ArgumentParser

struct NetworkInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show all about networks.")

    @OptionGroup var engine: EngineOptions
    @Argument var networks: [String]

    func run() async throws {
        try await Inspection.show(networks, [.network], try await engine.connect()) { "No such network: \($0)" }
    }
}
