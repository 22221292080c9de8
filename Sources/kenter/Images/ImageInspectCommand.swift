import ArgumentParser

struct ImageInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show all about images.")

    @OptionGroup var engine: EngineOptions
    @Argument var images: [String]

    func run() async throws {
        try await Inspection.show(images, [.image], try await engine.connect()) { "No such image: \($0)" }
    }
}
