import JSONRPC
import KenterProtocol
import KenterState
import SHA2

/// Gives the repeat of a request with an idempotency key the result of the first one, also after the engine's restart.
///
/// A key counts for one user, one method and one set of parameters. Of all of them only a digest is kept, and results
/// are kept only of methods that change something, without the variables and files of a link.
struct RepeatedRequests: Sendable {
    private let store: StateStore
    private let gate = KeyedGate()

    init(store: StateStore) {
        self.store = store
    }

    /// The kept result, or that of `body`, which is kept then. A repeat waits for the first one to end, or until it is
    /// cancelled; an error is not kept.
    func answer(
        _ request: Request, key: String, uid: UInt32, _ body: () async throws -> JSONObject
    ) async throws -> JSONObject {
        switch MethodEffect(request.method) {
        case .reads: return try await body()
        case .converses:
            throw RPCError(
                .invalidParams, "\(request.method) keeps no results: send it without '_meta.idempotencyKey'",
                details: ["path": "_meta.idempotencyKey"])
        case .changes: break
        }
        let digest = Self.digest(request, key: key, uid: uid)
        return try await gate.places(for: [digest]).enter(digest) {
            if let kept = try store.read({ try $0.keptResult(digest) }) { return kept }
            let result = try await body()
            try store.write { try $0.keep(Self.kept(result), digest: digest) }
            return result
        }
    }

    /// A link that was made says what it gives its consumer: that may be a secret, and the state holds none.
    private static func kept(_ result: JSONObject) -> JSONObject {
        var result = result
        for name in ["env", "files"] where result[name]?.array != nil { result[name] = .array([]) }
        return result
    }

    private static func digest(_ request: Request, key: String, uid: UInt32) -> String {
        // The same parameters in another order are the same parameters.
        let scope: JSONValue = [
            .integer(Int64(uid)), .string(request.method), .string(key), .object(request.params.sorted),
        ]
        return SHA256.hex(of: scope.bytes)
    }
}

/// What a method does to the engine, told by its verb.
enum MethodEffect: Sendable {
    /// Asks only.
    case reads
    /// Changes something, and says so in its result.
    case changes
    /// Passes on what goes on in a container or on this connection.
    case converses

    private static let reading: Set<String> = [
        "discover", "graph", "history", "info", "inspect", "limits", "list", "ping", "plan", "stats", "top", "wait",
    ]
    private static let conversing: Set<String> = [
        "attach", "auth", "copyIn", "copyOut", "exec", "logs", "subscribe", "unsubscribe",
    ]

    init(_ method: String) {
        let verb = method.split(separator: ".").last.map(String.init) ?? ""
        self = Self.reading.contains(verb) ? .reads : Self.conversing.contains(verb) ? .converses : .changes
    }
}
