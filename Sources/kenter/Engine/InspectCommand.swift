import ArgumentParser

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show all about containers, images, volumes or networks.")

    @OptionGroup var engine: EngineOptions
    @Option(help: "Look among these alone: container, image, volume or network.") var type: Inspection.Noun?
    @Option(name: [.customShort("f"), .long], help: ArgumentHelp(visibility: .hidden)) var format: String?
    @Argument var names: [String]

    func validate() throws {
        if format != nil {
            throw ValidationError("kenter has no Go templates: the output is JSON, for instance for jq")
        }
    }

    func run() async throws {
        let nouns = type.map { [$0] } ?? Inspection.Noun.allCases
        try await Inspection.show(names, nouns, try await engine.connect()) {
            "No such \(type?.rawValue ?? "object"): \($0)"
        }
    }
}
