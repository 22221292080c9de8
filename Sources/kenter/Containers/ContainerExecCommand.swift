import ArgumentParser
import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command in a running container.",
        usage: "kenter exec [OPTIONS] CONTAINER COMMAND [ARGUMENT...]")

    @OptionGroup var engine: EngineOptions
    @Flag(name: [.customShort("d"), .long], help: "Leave it running in the background.") var detach = false
    @Option(name: [.customShort("e"), .long], help: "Set a variable (name=value, or name to pass it on).")
    var env: [String] = []
    @Option(help: "Read variables from a file.") var envFile: [String] = []
    @Flag(name: [.customShort("i"), .long], help: "Pass standard input to it.") var interactive = false
    @Flag(help: "Give it every capability.") var privileged = false
    @Flag(name: [.customShort("t"), .long], help: "Give it a terminal.") var tty = false
    @Option(name: [.customShort("u"), .long], help: "Run as user[:group].") var user: String?
    @Option(name: [.customShort("w"), .long], help: "The directory it starts in.") var workdir: String?
    @Argument(parsing: .postTerminator) var containerAndCommand: [String] = []

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
        guard containerAndCommand.count >= 2 else {
            throw CommandFailure("name a container and a command to run in it", helpCommand: "exec")
        }
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
        // Unstructured because the size of the terminal follows the request; awaited below.
        let call = Task.immediate { [request] in try await client.call(request, over: stream) }
        let output = Task.immediate { try await streams.copyOutput() }
        streams.followSize()
        if interactive {
            if tty { RawMode.enter() }
            // Unstructured because it waits for a key that may never come; it ends with this process.
            Task { await streams.copyInput() }
        }
        let result = await call.result
        _ = await output.result
        RawMode.leave()
        return Int32(truncatingIfNeeded: try result.get().exitCode ?? 0)
    }
}
