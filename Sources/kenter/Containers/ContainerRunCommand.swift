import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerRunCommand: Command {
    static let abstract = "Create and start a container."
    static let usageStatus: Int32 = 125

    let engine: EngineOptions
    let options: ContainerOptions
    let detach: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        options = try ContainerOptions(&arguments)
        detach = arguments.flag("detach", "d", "Leave it running in the background and print its id.")
    }

    func run() async throws {
        do {
            let request = try options.request()
            let client = try await engine.connect()
            if detach {
                try await runDetached(client, request)
            } else {
                try await runInForeground(client, request)
            }
        } catch {
            throw Self.failure(error)
        }
    }

    private func runDetached(_ client: EngineClient, _ request: ContainerCreate) async throws {
        let started = try await ImageOnDemand(client, options).withImage(request.image) {
            try await client.call(ContainerRun(request))
        }
        CreationWarnings.show(started.warnings)
        Output.line(started.id)
    }

    private func runInForeground(_ client: EngineClient, _ request: ContainerCreate) async throws {
        try StandardStreams.checkTerminal(wanted: options.tty && options.interactive)
        let created = try await ImageOnDemand(client, options).withImage(request.image) {
            try await client.call(request)
        }
        CreationWarnings.show(created.warnings)
        let foreground = ForegroundContainer(
            client: client, container: created.id, hasTerminal: options.tty, takesInput: options.interactive)
        let status: Int32
        do {
            status = try await foreground.startToExit()
        } catch let failure as ForegroundContainer.StartFailure {
            // A run that fails is undone whole; the reason of the failure matters more than that of the removal.
            let removal = ContainerRemove(container: created.id, force: true, volumes: true)
            _ = try? await client.call(removal)
            let status = StartStatus.status(of: failure.cause, other: 125)
            throw CommandFailure(CommandFailure(failure.cause).message, status: status)
        }
        if options.rm { await waitUntilGone(client, created.id) }
        if status != 0 { throw CommandFailure.silent(status) }
    }

    /// The next command may want the same name.
    private func waitUntilGone(_ client: EngineClient, _ id: String) async {
        for milliseconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] {
            // Whatever the answer is but the container itself, there is nothing to wait for.
            guard (try? await client.call(ContainerInspect(container: id))) != nil else { return }
            try? await Task.sleep(for: .milliseconds(milliseconds))
        }
    }

    /// Docker's status for whatever keeps a container from running, and its hint where the command line may be at fault.
    static func failure(_ error: any Error) -> CommandFailure {
        if let failure = error as? CommandFailure { return failure }
        var failure = CommandFailure(error, status: StartStatus.status(of: error, other: 125))
        let kind = (error as? RPCError)?.kind
        // 126 and 127 are about the command inside, which no help of ours explains.
        if failure.status == 125, error is OptionError || [.invalidParams, .notFound, .alreadyExists].contains(kind) {
            failure.helpCommand = "run"
        }
        return failure
    }
}

/// What the engine says about a container that it made.
enum CreationWarnings {
    static func show(_ warnings: [String]) {
        for warning in warnings { Output.errorLine("WARNING: \(TerminalText.escaped(warning))") }
    }
}
