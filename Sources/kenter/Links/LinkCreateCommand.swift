import KenterClient
import KenterProtocol

struct LinkCreateCommand: Command {
    static let abstract = "Link a container to others, whether it runs or not."
    static let discussion = """
        A running container gets hosts lines, files and the path at once; variables come with its next start \
        (exec has them at once).

        Options: env=all|safe|none, allow=PATTERNS, deny=PATTERNS, address=ip|name, files=no|yes, rules=v28|v27 (of the \
        provider link-legacy); wait=started|healthy|tcp, wait-timeout=120s, rebind=id|name, provider=PLUGIN (of the engine).
        """

    let engine: EngineOptions
    let consumer: String
    let links: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        consumer = arguments.operand("CONTAINER")
        links = arguments.operands("SOURCE[:ALIAS][,OPTION=VALUE]")
    }

    func run() async throws {
        for link in links {
            do {
                try LinkOption.check(link)
            } catch {
                throw CommandFailure(error)
            }
        }
        let client = try await engine.connect()
        try await Outcomes.each(links) { text in
            let link = try await client.call(LinkCreate(consumer: consumer, source: text))
            CreationWarnings.show(link.warnings)
            Output.line(TerminalText.escaped("\(link.consumer)/\(link.alias)"))
        }
    }
}
