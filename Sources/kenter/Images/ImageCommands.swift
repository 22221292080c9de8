import ArgumentParser

struct ImageCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Images.",
        subcommands: [
            ImageListCommand.self, ImagePullCommand.self, ImageLoadCommand.self, ImageImportCommand.self,
            ImageInspectCommand.self, ImageRemoveCommand.self, ImageTagCommand.self, ImagePruneCommand.self,
        ])
}
