import ArgumentParser

struct VolumeInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show all about volumes.")

    @OptionGroup var engine: EngineOptions
    @Argument var volumes: [String]

    func run() async throws {
        try await Inspection.show(volumes, [.volume], try await engine.connect()) { "No such volume: \($0)" }
    }
}
