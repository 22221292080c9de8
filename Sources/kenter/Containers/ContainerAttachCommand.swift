import ArgumentParser
import KenterClient
import KenterProtocol

struct ContainerAttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Show the output of a running container; ctrl-p ctrl-q leaves it again.")

    @OptionGroup var engine: EngineOptions
    @Flag(help: "Do not pass standard input to it.") var noStdin = false
    @Argument var container: String

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
