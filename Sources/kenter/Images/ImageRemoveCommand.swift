import ArgumentParser
import KenterClient
import KenterProtocol

struct ImageRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove images.", aliases: ["remove"])

    @OptionGroup var engine: EngineOptions
    @Flag(name: [.customShort("f"), .long], help: "Remove every name, also while stopped containers use it.")
    var force = false
    @Argument var images: [String]

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

/// `kenter rmi`: Docker's word for `kenter image rm`.
struct RmiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rmi", abstract: "Remove images.")

    @OptionGroup var remove: ImageRemoveCommand

    func run() async throws { try await remove.run() }
}
