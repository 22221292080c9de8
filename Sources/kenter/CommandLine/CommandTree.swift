/// Every command and its names. Methods of the protocol are `kenter NOUN VERB`; Docker's words are there beside them.
struct CommandEntry: Sendable {
    enum Target: Sendable {
        case command(any Command.Type)
        case group([CommandEntry])
    }

    /// The first one is shown.
    var names: [String]
    var abstract: String
    var target: Target

    init(_ names: String..., command: any Command.Type) {
        self.names = names
        abstract = command.abstract
        target = .command(command)
    }

    init(_ name: String, _ abstract: String, _ entries: [CommandEntry]) {
        names = [name]
        self.abstract = abstract
        target = .group(entries)
    }
}

enum CommandTree {
    static let sections: [(title: String, entries: [CommandEntry])] = [
        ("Containers", containers + [CommandEntry("ps", command: ContainerListCommand.self)]),
        ("Images", images),
        ("By noun", nouns),
        ("Engine", engine),
    ]

    private static let containers: [CommandEntry] = [
        CommandEntry("run", command: ContainerRunCommand.self),
        CommandEntry("create", command: ContainerCreateCommand.self),
        CommandEntry("start", command: ContainerStartCommand.self),
        CommandEntry("stop", command: ContainerStopCommand.self),
        CommandEntry("restart", command: ContainerRestartCommand.self),
        CommandEntry("kill", command: ContainerKillCommand.self),
        CommandEntry("pause", command: ContainerPauseCommand.self),
        CommandEntry("unpause", "resume", command: ContainerResumeCommand.self),
        CommandEntry("rm", "remove", command: ContainerRemoveCommand.self),
        CommandEntry("rename", command: ContainerRenameCommand.self),
        CommandEntry("update", command: ContainerUpdateCommand.self),
        CommandEntry("logs", command: ContainerLogsCommand.self),
        CommandEntry("exec", command: ContainerExecCommand.self),
        CommandEntry("attach", command: ContainerAttachCommand.self),
        CommandEntry("cp", command: ContainerCopyCommand.self),
        CommandEntry("wait", command: ContainerWaitCommand.self),
        CommandEntry("port", command: ContainerPortCommand.self),
        CommandEntry("top", command: ContainerTopCommand.self),
        CommandEntry("stats", command: ContainerStatsCommand.self),
    ]

    private static let images: [CommandEntry] = [
        CommandEntry("pull", command: ImagePullCommand.self),
        CommandEntry("load", command: ImageLoadCommand.self),
        CommandEntry("import", command: ImageImportCommand.self),
        CommandEntry("images", command: ImageListCommand.self),
        CommandEntry("rmi", command: ImageRemoveCommand.self),
        CommandEntry("tag", command: ImageTagCommand.self),
    ]

    private static let nouns: [CommandEntry] = [
        CommandEntry(
            "container", "Containers.",
            containers + [
                CommandEntry("ls", "list", "ps", command: ContainerListCommand.self),
                CommandEntry("inspect", command: ContainerInspectCommand.self),
                CommandEntry("prune", command: ContainerPruneCommand.self),
            ]),
        CommandEntry(
            "image", "Images.",
            [
                CommandEntry("ls", "list", command: ImageListCommand.self),
                CommandEntry("pull", command: ImagePullCommand.self),
                CommandEntry("load", command: ImageLoadCommand.self),
                CommandEntry("import", command: ImageImportCommand.self),
                CommandEntry("inspect", command: ImageInspectCommand.self),
                CommandEntry("rm", "remove", command: ImageRemoveCommand.self),
                CommandEntry("tag", command: ImageTagCommand.self),
                CommandEntry("prune", command: ImagePruneCommand.self),
            ]),
        CommandEntry(
            "link", "Links between containers.",
            [
                CommandEntry("create", command: LinkCreateCommand.self),
                CommandEntry("ls", "list", command: LinkListCommand.self),
                CommandEntry("inspect", command: LinkInspectCommand.self),
                CommandEntry("plan", command: LinkPlanCommand.self),
                CommandEntry("graph", command: LinkGraphCommand.self),
                CommandEntry("rm", "remove", command: LinkRemoveCommand.self),
            ]),
        CommandEntry(
            "network", "Networks.",
            [
                CommandEntry("ls", "list", command: NetworkListCommand.self),
                CommandEntry("create", command: NetworkCreateCommand.self),
                CommandEntry("inspect", command: NetworkInspectCommand.self),
                CommandEntry("connect", command: NetworkConnectCommand.self),
                CommandEntry("disconnect", command: NetworkDisconnectCommand.self),
                CommandEntry("rm", "remove", command: NetworkRemoveCommand.self),
                CommandEntry("prune", command: NetworkPruneCommand.self),
            ]),
        CommandEntry(
            "volume", "Volumes.",
            [
                CommandEntry("create", command: VolumeCreateCommand.self),
                CommandEntry("ls", "list", command: VolumeListCommand.self),
                CommandEntry("inspect", command: VolumeInspectCommand.self),
                CommandEntry("rm", "remove", command: VolumeRemoveCommand.self),
                CommandEntry("prune", command: VolumePruneCommand.self),
            ]),
        CommandEntry(
            "plugin", "Providers of networks, storage and links.",
            [
                CommandEntry("ls", "list", command: PluginListCommand.self),
                CommandEntry("inspect", command: PluginInspectCommand.self),
                CommandEntry("restart", command: PluginRestartCommand.self),
                CommandEntry("enable", command: PluginEnableCommand.self),
                CommandEntry("disable", command: PluginDisableCommand.self),
                CommandEntry("check", command: PluginCheckCommand.self),
            ]),
        CommandEntry(
            "compose", "Projects of several containers, as compose files describe them.",
            [
                CommandEntry("up", command: ComposeUpCommand.self),
                CommandEntry("down", command: ComposeDownCommand.self),
                CommandEntry("ls", command: ComposeProjectListCommand.self),
                CommandEntry("ps", command: ComposeListCommand.self),
                CommandEntry("logs", command: ComposeLogsCommand.self),
                CommandEntry("stop", command: ComposeStopCommand.self),
                CommandEntry("start", command: ComposeStartCommand.self),
                CommandEntry("restart", command: ComposeRestartCommand.self),
                CommandEntry("exec", command: ComposeExecCommand.self),
                CommandEntry("config", command: ComposeConfigCommand.self),
            ]),
        CommandEntry(
            "system", "The engine itself.",
            [
                CommandEntry("info", command: InfoCommand.self),
                CommandEntry("events", command: EventsCommand.self),
            ]),
    ]

    private static let engine: [CommandEntry] = [
        CommandEntry("inspect", command: InspectCommand.self),
        CommandEntry("events", command: EventsCommand.self),
        CommandEntry("info", command: InfoCommand.self),
        CommandEntry("version", command: VersionCommand.self),
        CommandEntry("rpc", command: RpcCommand.self),
        CommandEntry("completion", command: CompletionCommand.self),
    ]

    static var all: [CommandEntry] { sections.flatMap(\.entries) }

    /// Where words lead: as far as they name commands, and what is left of them.
    static func find(_ words: [String]) -> (path: [String], entry: CommandEntry?, rest: ArraySlice<String>) {
        var (path, entry, rest): ([String], CommandEntry?, ArraySlice<String>) = ([], nil, words[...])
        var entries = all
        while let word = rest.first, let next = entries.first(where: { $0.names.contains(word) }) {
            rest.removeFirst()
            path.append(word)
            entry = next
            guard case .group(let inner) = next.target else { break }
            entries = inner
        }
        return (path, entry, rest)
    }
}
