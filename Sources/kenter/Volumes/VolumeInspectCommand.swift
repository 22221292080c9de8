struct VolumeInspectCommand: Command {
    static let abstract = "Show all about volumes."

    let engine: EngineOptions
    let volumes: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        volumes = arguments.operands("VOLUME")
    }

    func run() async throws {
        try await Inspection.show(volumes, [.volume], try await engine.connect()) { "No such volume: \($0)" }
    }
}
