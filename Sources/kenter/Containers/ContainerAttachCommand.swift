import KenterClient
import KenterProtocol

struct ContainerAttachCommand: Command {
    static let abstract = "Show the output of a running container."
    static let discussion = """
        From a container with a terminal (run -t), ctrl-p ctrl-q leads away and leaves it running. To one without, ctrl-c \
        and other signals are passed on.
        """

    let engine: EngineOptions
    let noStdin: Bool
    let container: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        noStdin = arguments.flag("no-stdin", "Do not pass standard input to it.")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        let found = try await client.call(ContainerInspect(container: container))
        switch found.state.status {
        case .running: break
        case .paused: throw CommandFailure("You cannot attach to a paused container, unpause it first")
        case .restarting:
            throw CommandFailure("You cannot attach to a restarting container, wait until it is running")
        case .created, .exited, .removing:
            throw CommandFailure("You cannot attach to a stopped container, start it first")
        }
        let takesInput = found.config.stdinOpen && !noStdin
        try StandardStreams.checkTerminal(wanted: takesInput && found.config.tty)
        let foreground = ForegroundContainer(
            client: client, container: found.id, hasTerminal: found.config.tty, takesInput: takesInput)
        let status = try await foreground.attachToExit()
        if status != 0 { throw CommandFailure.silent(status) }
    }
}
