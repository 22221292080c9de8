import KenterClient
import KenterProtocol

struct ImageRemoveCommand: Command {
    static let abstract = "Remove images."

    let engine: EngineOptions
    let force: Bool
    let images: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        force = arguments.flag("force", "f", "Remove every name, also while stopped containers use it.")
        images = arguments.operands("IMAGE")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(images) { image in
            let request = ImageRemove(images: [image], force: force ? true : nil)
            for line in try await client.call(request).removed {
                Output.line(TerminalText.escaped(line.prefix(1).uppercased() + line.dropFirst()))
            }
        }
    }
}
