import ArgumentParser

/// The root of the command line. Methods of the protocol are `kenter NOUN VERB`; Docker's words are there beside them.
struct Kenter: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kenter",
        abstract: "Run containers and link them.",
        version: ClientVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Containers",
                subcommands: [
                    ContainerRunCommand.self, ContainerCreateCommand.self, ContainerStartCommand.self,
                    ContainerStopCommand.self, ContainerRestartCommand.self, ContainerKillCommand.self,
                    ContainerPauseCommand.self, ContainerResumeCommand.self, ContainerRemoveCommand.self,
                    ContainerRenameCommand.self, PsCommand.self, InspectCommand.self, ContainerLogsCommand.self,
                    ContainerExecCommand.self, ContainerAttachCommand.self, ContainerWaitCommand.self,
                    ContainerPortCommand.self, ContainerTopCommand.self,
                ]),
            CommandGroup(
                name: "Images",
                subcommands: [
                    ImagePullCommand.self, ImageLoadCommand.self, ImageImportCommand.self, ImagesCommand.self,
                    RmiCommand.self, ImageTagCommand.self,
                ]),
            CommandGroup(
                name: "By noun",
                subcommands: [
                    ContainerCommands.self, ImageCommands.self, LinkCommands.self, NetworkCommands.self,
                    VolumeCommands.self, PluginCommands.self, SystemCommands.self,
                ]),
            CommandGroup(
                name: "Engine",
                subcommands: [
                    EventsCommand.self, InfoCommand.self, VersionCommand.self, RpcCommand.self, CompletionCommand.self,
                ]),
        ],
        helpNames: .long)

    @OptionGroup var engine: EngineOptions
}
