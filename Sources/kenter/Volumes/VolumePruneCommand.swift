import KenterClient
import KenterProtocol

struct VolumePruneCommand: Command {
    static let abstract = "Remove volumes that no container uses."

    let engine: EngineOptions
    let confirmation: ConfirmationOptions
    let all: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        confirmation = try ConfirmationOptions(&arguments)
        all = arguments.flag("all", "a", "Also those that have names.")
    }

    func run() async throws {
        try confirmation.confirm(
            "This will remove \(all ? "all" : "all anonymous") volumes not used by at least one container.")
        let client = try await engine.connect()
        let request = VolumePrune(all: all ? true : nil)
        for name in try await client.call(request).removed { Output.line(TerminalText.escaped(name)) }
    }
}
