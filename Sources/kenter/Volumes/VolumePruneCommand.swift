import ArgumentParser
import KenterClient
import KenterProtocol

struct VolumePruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove volumes that no container uses.")

    @OptionGroup var engine: EngineOptions
    @OptionGroup var confirmation: ConfirmationOptions
    @Flag(name: [.customShort("a"), .long], help: "Also those that have names.") var all = false

    func run() async throws {
        try confirmation.confirm(
            "This will remove \(all ? "all" : "all anonymous") volumes not used by at least one container.")
        let client = try await engine.connect()
        let request = VolumePrune(all: all ? true : nil)
        for name in try await client.call(request).removed { Output.line(TerminalText.escaped(name)) }
    }
}
