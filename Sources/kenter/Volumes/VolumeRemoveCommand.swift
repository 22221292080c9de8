import KenterClient
import KenterProtocol

struct VolumeRemoveCommand: Command {
    static let abstract = "Remove volumes and what is on them."

    let engine: EngineOptions
    let force: Bool
    let volumes: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        force = arguments.flag("force", "f", "A missing volume is no error.")
        volumes = arguments.operands("VOLUME")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(volumes) { volume in
            _ = try await client.call(VolumeRemove(volumes: [volume], force: force ? true : nil))
            Output.line(TerminalText.escaped(volume))
        }
    }
}
