import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerExecCommand: Command {
    static let abstract = "Run a command in a running container."

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
        let request = try request()
        if !detach { try StandardStreams.checkTerminal(wanted: tty && interactive) }
        let client = try await engine.connect()
        let status: Int32
        do {
            status = try await detach ? leave(client, request) : execute(client, request)
        } catch {
            throw CommandFailure(error, status: StartStatus.status(of: error, other: 1))
        }
        if status != 0 { throw CommandFailure.silent(status) }
    }

    private func request() throws -> ContainerExec {
        let variables = try EnvironmentOption.variables(files: envFile, entries: env, environment: Environment.value)
        return ContainerExec(
            container: containerAndCommand[0], command: Array(containerAndCommand.dropFirst()),
            env: variables.isEmpty ? nil : variables, user: user, workdir: workdir, tty: tty ? true : nil,
            stdin: interactive && !detach ? true : nil, detach: detach ? true : nil,
            privileged: privileged ? true : nil)
    }

    private func leave(_ client: EngineClient, _ request: ContainerExec) async throws -> Int32 {
        _ = try await client.call(request)
        return 0
    }

    private func execute(_ client: EngineClient, _ request: ContainerExec) async throws -> Int32 {
        let stream = client.openStream()
        var request = request
        request.stream = stream.id
        let streams = StandardStreams(stream: stream, hasTerminal: tty)
        if tty && interactive { RawMode.enter() }
        // Unstructured because the size of the terminal follows the request; awaited below.
        let call = Task.immediate { [request] in try await client.call(request, over: stream) }
        let output = Task.immediate { try await streams.copyOutput() }
        streams.followSize()
        if interactive {
            // Unstructured because it waits for a key that may never come; it ends with this process.
            Task { await streams.copyInput() }
        }
        let result = await call.result
        _ = await output.result
        RawMode.leave()
        return Int32(truncatingIfNeeded: try result.get().exitCode ?? 0)
    }
}
