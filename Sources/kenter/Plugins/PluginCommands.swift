import ArgumentParser

struct PluginCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Plugins: providers of networks, storage and links.",
        subcommands: [PluginListCommand.self, PluginInspectCommand.self, PluginRestartCommand.self])
}
