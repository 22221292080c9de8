import KenterClient
import KenterProtocol

struct ContainerExecCommand: Command {
    static let abstract = "Run a command in a running container."
    static let discussion = """
        The command ends when this one does, so ctrl-p ctrl-q and a closed terminal kill it: --detach leaves it running.
        """

    let engine: EngineOptions
    let detach: Bool
    let env: [String]
    let envFile: [String]
    let interactive: Bool
    let privileged: Bool
    let tty: Bool
    let user: String?
    let workdir: String?
    let containerAndCommand: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        detach = arguments.flag("detach", "d", "Leave it running in the background.")
        env = arguments.values("env", "e", "value", "Set a variable (name=value, or name to pass it on).")
        envFile = arguments.values("env-file", "value", "Read variables from a file.")
        interactive = arguments.flag("interactive", "i", "Pass standard input to it.")
        privileged = arguments.flag("privileged", "Give it every capability.")
        tty = arguments.flag("tty", "t", "Give it a terminal.")
        user = arguments.value("user", "u", "value", "Run as user[:group].")
        workdir = arguments.value("workdir", "w", "value", "The directory it starts in.")
        containerAndCommand = arguments.command("CONTAINER COMMAND [ARGUMENT...]", atLeast: 2)
    }

    func run() async throws {
        let variables = try EnvironmentOption.variables(files: envFile, entries: env, environment: Environment.value)
        var execution = ContainerExecution(
            container: containerAndCommand[0], command: Array(containerAndCommand.dropFirst()), env: variables,
            isDetached: detach, takesInput: interactive, hasTerminal: tty)
        execution.request.user = user
        execution.request.workdir = workdir
        execution.request.privileged = privileged ? true : nil
        try execution.checkTerminal()
        try await execution.run(try await engine.connect())
    }
}
