import JSONRPC

/// What a method may know of the request it answers.
struct RequestContext: Sendable {
    let session: ClientSession
    let connection: Connection
    /// Without `_meta`, whose members have been seen to.
    let request: Request
    /// Sends progress where the client has asked for it.
    let progress: ProgressReporter
    /// The stream that the request's parameter `stream` names, open for as long as the request lasts.
    let stream: ClientStream?

    /// Runs `body` with the stream of that name.
    func withStream<R>(_ name: String, _ body: (ClientStream) async throws -> R) async throws -> R {
        guard let stream, stream.name == name else {
            throw RPCError(.invalidParams, "the stream is named by the parameter 'stream'", details: ["path": "stream"])
        }
        return try await body(stream)
    }
}
