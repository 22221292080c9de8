import CLinux
import Glibc
import JSONRPC
import KenterClient
import KenterProtocol

/// A file of the client's that goes to the engine as a stream.
struct FileUpload {
    private let descriptor: Int32
    private let name: String

    /// Opens the file; `-` is standard input.
    init(_ path: String) throws(CommandFailure) {
        if path == "-" {
            if RawMode.isTerminal {
                throw CommandFailure("requested load from stdin, but stdin is a terminal: name a file with -i")
            }
            (descriptor, name) = (STDIN_FILENO, "standard input")
        } else {
            (descriptor, name) = (open(path, O_RDONLY | O_CLOEXEC), path)
            guard descriptor >= 0 else { throw CommandFailure("open \(path): \(String(cString: strerror(errno)))") }
        }
    }

    /// Makes the call and sends the file beside it; one that cannot be read whole has no end, and the call is cancelled.
    func send<M: RPCMethod>(
        _ client: EngineClient, _ display: ProgressDisplay, _ method: (String) -> M
    ) async throws -> M.Result {
        let stream = client.openStream()
        let request = method(stream.id)
        // Unstructured because the request has to leave before the first bytes; awaited below.
        let call = Task.immediate { try await client.call(request, over: stream) { display.show($0) } }
        let reader = InputReader(descriptor: descriptor, name: name, chunkBytes: 256 << 10)
        do {
            while let bytes = try await reader.read() {
                // An engine that has answered takes no more: its answer says why.
                guard await stream.send(bytes) else { break }
            }
        } catch {
            call.cancel()
            _ = await call.result
            throw error
        }
        await stream.send([], isLast: true)
        return try await call.value
    }
}
