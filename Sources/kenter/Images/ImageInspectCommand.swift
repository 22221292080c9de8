struct ImageInspectCommand: Command {
    static let abstract = "Show all about images."

    let engine: EngineOptions
    let images: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        images = arguments.operands("IMAGE")
    }

    func run() async throws {
        try await Inspection.show(images, [.image], try await engine.connect()) { "No such image: \($0)" }
    }
}
