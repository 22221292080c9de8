import ArgumentParser

struct ContainerCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container", abstract: "Containers.",
        subcommands: [
            ContainerRunCommand.self, ContainerCreateCommand.self, ContainerStartCommand.self,
            ContainerStopCommand.self, ContainerRestartCommand.self, ContainerKillCommand.self,
            ContainerPauseCommand.self, ContainerResumeCommand.self, ContainerRemoveCommand.self,
            ContainerRenameCommand.self, ContainerListCommand.self, ContainerInspectCommand.self,
            ContainerLogsCommand.self, ContainerExecCommand.self, ContainerAttachCommand.self,
            ContainerWaitCommand.self, ContainerPortCommand.self, ContainerTopCommand.self, ContainerPruneCommand.self,
        ])
}
