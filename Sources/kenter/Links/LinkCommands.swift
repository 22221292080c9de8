import ArgumentParser

struct LinkCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Links between containers.",
        subcommands: [LinkListCommand.self, LinkInspectCommand.self, LinkRemoveCommand.self])
}
