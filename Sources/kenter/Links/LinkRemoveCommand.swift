import KenterClient
import KenterProtocol

struct LinkRemoveCommand: Command {
    static let abstract = "Remove links; the containers stay."

    let engine: EngineOptions
    let links: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        links = arguments.operands("LINK")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(links) { text in
            let path = try LinkPath(parsing: text)
            _ = try await client.call(LinkRemove(consumer: path.consumer, alias: path.alias))
            Output.line(TerminalText.escaped(text))
        }
    }
}
