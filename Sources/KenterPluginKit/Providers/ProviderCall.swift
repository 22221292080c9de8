import JSONRPC
import KenterProtocol

/// One request on its way to a typed method.
struct ProviderCall: Sendable {
    typealias Answer = JSONObject

    let method: String
    let params: JSONObject

    /// Decodes the parameters, ignoring those that the type does not know (a newer engine may send some).
    func decode<Method: RPCMethod>(_ type: Method.Type) throws -> Method {
        do {
            return try JSONValueDecoder().decode(type, from: params)
        } catch let error as JSONShapeError {
            throw RPCError(.invalidParams, "\(method): \(error)")
        }
    }

    func answer<Method: RPCMethod>(with body: (Method) async throws -> Method.Result) async throws -> Answer {
        try JSONValueEncoder().encodeObject(try await body(try decode(Method.self)))
    }
}

extension PluginProvider {
    /// The error of a method that belongs to a capability which the provider does not declare.
    func notOffered<Method: RPCMethod>(_ request: Method) -> RPCError {
        RPCError(.methodNotFound, "\(Method.name) belongs to a capability that this plugin does not have")
    }
}
