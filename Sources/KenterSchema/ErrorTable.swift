import JSONRPC
import KenterProtocol

/// Every kind of error on the wire.
enum ErrorTable {
    /// What any method may return: `unauthenticated` over TCP, `exhausted`, `io` and `corruptState` of the engine's own
    /// disk.
    static let common = [
        "invalidRequest", "invalidParams", "internal", "cancelled", "timeout", "messageTooLarge", "duplicateId",
        "overloaded", "unauthenticated", "shuttingDown", "exhausted", "io", "corruptState",
    ]

    static let kinds: [String: RPCError.Kind] = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    private static let all: [RPCError.Kind] = [
        .parse, .invalidRequest, .methodNotFound, .invalidParams, .internal, .cancelled, .messageTooLarge, .tooDeep,
        .batchTooLarge, .duplicateId, .overloaded, .unauthenticated, .forbidden, .shuttingDown, .unsupportedProtocol,
        .notFound, .alreadyExists, .conflict, .precondition, .pending, .exhausted, .unavailable, .degraded, .timeout,
        .unsupported, .io, .permission, .pluginCrashed, .pluginProtocol, .corruptState,
    ]

    /// Sorted by code, for `components.errors`.
    static var schema: JSONObject {
        let sorted = all.sorted { ($0.code < 0 ? 0 : 1, -$0.code) > ($1.code < 0 ? 0 : 1, -$1.code) }
        return JSONObject(sorted.reversed().map { ($0.name, .object(object($0))) })
    }

    private static func object(_ kind: RPCError.Kind) -> JSONObject {
        [
            "code": .integer(kind.code), "message": .string(kind.name),
            "data": ["kind": .string(kind.name), "retryable": .bool(kind.retryable)],
        ]
    }
}
