import ArgumentParser

struct SystemCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "The engine itself.",
        subcommands: [InfoCommand.self, EventsCommand.self])
}
