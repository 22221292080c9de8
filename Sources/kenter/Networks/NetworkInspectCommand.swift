struct NetworkInspectCommand: Command {
    static let abstract = "Show all about networks."

    let engine: EngineOptions
    let networks: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        networks = arguments.operands("NETWORK")
    }

    func run() async throws {
        try await Inspection.show(networks, [.network], try await engine.connect()) { "No such network: \($0)" }
    }
}
