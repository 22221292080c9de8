import JSONRPC
import KenterClient
import KenterProtocol

/// A command in a running container, in front of this terminal or behind it.
struct ContainerExecution {
    var request: ContainerExec
    private let isDetached: Bool
    private let takesInput: Bool
    private let hasTerminal: Bool

    init(
        container: String, command: [String], env: [String], isDetached: Bool, takesInput: Bool, hasTerminal: Bool
    ) {
        request = ContainerExec(
            container: container, command: command, env: env.isEmpty ? nil : env, tty: hasTerminal ? true : nil,
            stdin: takesInput && !isDetached ? true : nil, detach: isDetached ? true : nil)
        self.isDetached = isDetached
        self.takesInput = takesInput
        self.hasTerminal = hasTerminal
    }

    func checkTerminal() throws(CommandFailure) {
        if !isDetached { try StandardStreams.checkTerminal(wanted: hasTerminal && takesInput) }
    }

    /// Fails silently with the command's own exit status.
    func run(_ client: EngineClient) async throws {
        let status: Int32
        do {
            status = try await isDetached ? leave(client) : execute(client)
        } catch {
            throw CommandFailure(error, status: StartStatus.status(of: error, other: 1))
        }
        if status != 0 { throw CommandFailure.silent(status) }
    }

    private func leave(_ client: EngineClient) async throws -> Int32 {
        _ = try await client.call(request)
        return 0
    }

    private func execute(_ client: EngineClient) async throws -> Int32 {
        let stream = client.openStream()
        var request = request
        request.stream = stream.id
        if hasTerminal, let size = StandardStreams.size { (request.columns, request.rows) = (size.columns, size.rows) }
        let streams = StandardStreams(
            stream: stream, hasTerminal: hasTerminal,
            farewell:
                "read escape sequence: the command was killed with its terminal; 'kenter exec -d' leaves one running")
        if hasTerminal && takesInput { RawMode.enter() }
        // Unstructured because the size of the terminal follows the request; awaited below.
        let call = Task.immediate { [request] in try await client.call(request, over: stream) }
        let output = Task.immediate { try await streams.copyOutput() }
        streams.followSize()
        if takesInput {
            // Unstructured because it waits for a key that may never come; it ends with this process.
            Task { await streams.copyInput() }
        }
        let result = await call.result
        _ = await output.result
        RawMode.leave()
        return Int32(truncatingIfNeeded: try result.get().exitCode ?? 0)
    }
}
