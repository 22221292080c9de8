struct InspectCommand: Command {
    static let abstract = "Show all about containers, images, volumes or networks."

    let engine: EngineOptions
    let type: Inspection.Noun?
    let names: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        type = try arguments.choice("type", "Look among these alone: container, image, volume or network.")
        names = arguments.operands("NAME")
    }

    func run() async throws {
        let nouns = type.map { [$0] } ?? Inspection.Noun.allCases
        try await Inspection.show(names, nouns, try await engine.connect()) {
            "No such \(type?.rawValue ?? "object"): \($0)"
        }
    }
}
