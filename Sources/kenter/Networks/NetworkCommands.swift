import ArgumentParser

struct NetworkCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network", abstract: "Networks.",
        subcommands: [NetworkListCommand.self, NetworkInspectCommand.self])
}
