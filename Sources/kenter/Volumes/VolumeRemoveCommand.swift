import ArgumentParser
import KenterClient
import KenterProtocol

struct VolumeRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove volumes and what is on them.", aliases: ["remove"])

    @OptionGroup var engine: EngineOptions
    @Flag(name: [.customShort("f"), .long], help: "A missing volume is no error.") var force = false
    @Argument var volumes: [String]

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(volumes) { volume in
            _ = try await client.call(VolumeRemove(volumes: [volume], force: force ? true : nil))
            Output.line(TerminalText.escaped(volume))
        }
    }
}
