import Glibc
import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeExecCommand: Command {
    static let abstract = "Run a command in a service's running container."
    static let discussion = "It gets this terminal, where there is one, and standard input."

    let engine: EngineOptions
    let compose: ComposeOptions
    let detach: Bool
    let env: [String]
    let noTty: Bool
    let privileged: Bool
    let tty: Bool
    let user: String?
    let workdir: String?
    let serviceAndCommand: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        detach = arguments.flag("detach", "d", "Leave it running in the background.")
        env = arguments.values("env", "e", "value", "Set a variable (name=value, or name to pass it on).")
        _ = arguments.flag("interactive", "i", "Pass standard input to it; always done.")
        noTty = arguments.flag("no-tty", "T", "Give it no terminal.")
        privileged = arguments.flag("privileged", "Give it every capability.")
        tty = arguments.flag("tty", "t", "Give it a terminal, whatever this one is.")
        user = arguments.value("user", "u", "value", "Run as user[:group].")
        workdir = arguments.value("workdir", "w", "value", "The directory it starts in.")
        serviceAndCommand = arguments.command("SERVICE COMMAND [ARGUMENT...]", atLeast: 2)
    }

    func run() async throws {
        let project = try await compose.wholeProject()
        let services = try project.services(named: [serviceAndCommand[0]])
        let hasTerminal = tty || (RawMode.isTerminal && isatty(STDOUT_FILENO) == 1)
        let variables = try EnvironmentOption.variables(files: [], entries: env, environment: Environment.value)
        var execution = ContainerExecution(
            container: "", command: Array(serviceAndCommand.dropFirst()), env: variables,
            isDetached: detach, takesInput: true, hasTerminal: hasTerminal && !noTty && !detach)
        execution.request.user = user
        execution.request.workdir = workdir
        execution.request.privileged = privileged ? true : nil
        try execution.checkTerminal()
        let session = ComposeSession(client: try await engine.connect(), project: project)
        guard let container = try await session.containers(of: services).first(where: ComposeSession.isUp) else {
            throw CommandFailure("service \"\(serviceAndCommand[0])\" is not running")
        }
        execution.request.container = container.id
        try await execution.run(session.client)
    }
}
