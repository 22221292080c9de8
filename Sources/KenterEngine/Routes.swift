import JSONRPC
import KenterProtocol

/// The whole API: which service answers which method.
struct Routes: Sendable {
    private typealias Answer = @Sendable (Request, RequestContext) async throws -> JSONObject
    private var answers: [String: Answer] = [:]

    /// Adds a method; its parameters are decoded strictly before anything is done.
    mutating func on<M: RPCMethod>(
        _ method: M.Type, _ answer: @escaping @Sendable (M, RequestContext) async throws -> M.Result
    ) {
        answers[M.name] = { request, context in
            let params: M
            do {
                params = try JSONValueDecoder(refusesUnknownMembers: true).decode(M.self, from: request.params)
            } catch let error as JSONShapeError {
                let details: JSONObject = error.path.isEmpty ? [:] : ["path": .string(error.path)]
                throw RPCError(.invalidParams, "invalid parameters of \(M.name): \(error)", details: details)
            }
            do {
                return try JSONValueEncoder().encodeObject(try await answer(params, context))
            } catch {
                throw EngineError.wire(error)
            }
        }
    }

    func answer(_ request: Request, _ context: RequestContext) async throws -> JSONObject {
        guard let answer = answers[request.method] else {
            throw RPCError(
                .methodNotFound, "there is no method '\(request.method)'; rpc.discover lists those there are")
        }
        return try await answer(request, context)
    }

    /// Names of all methods.
    var names: [String] { answers.keys.sorted() }
}
