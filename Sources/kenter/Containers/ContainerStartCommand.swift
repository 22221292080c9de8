import KenterClient
import KenterProtocol

struct ContainerStartCommand: Command {
    static let abstract = "Start containers."

    let engine: EngineOptions
    let attach: Bool
    let interactive: Bool
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        attach = arguments.flag("attach", "a", "Show its output and end with its exit status.")
        interactive = arguments.flag("interactive", "i", "Pass standard input to it as well.")
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        guard attach || interactive else {
            let outcomes = try await client.call(ContainerStart(containers: containers))
            return try Outcomes.show(outcomes, of: containers)
        }
        guard containers.count == 1 else {
            throw CommandFailure("you cannot start and attach multiple containers at once")
        }
        let container = try await client.call(ContainerInspect(container: containers[0]))
        let takesInput = interactive && container.config.stdinOpen
        try StandardStreams.checkTerminal(wanted: takesInput && container.config.tty)
        let foreground = ForegroundContainer(
            client: client, container: container.id, hasTerminal: container.config.tty, takesInput: takesInput)
        let status: Int32
        do {
            status = try await foreground.startToExit()
        } catch let failure as ForegroundContainer.StartFailure {
            throw CommandFailure(CommandFailure(failure.cause).message)
        }
        if status != 0 { throw CommandFailure.silent(status) }
    }
}
