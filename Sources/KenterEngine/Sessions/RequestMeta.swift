import JSONRPC

/// What a client wants of a request besides what the method does: the members of `params._meta`.
///
/// Members that this engine does not know are passed over, so that a newer client can speak to it.
struct RequestMeta: Sendable {
    /// Reports are sent under this name, where given.
    var progressToken: String?
    /// How long the request may take.
    var timeout: Duration?
    /// Makes a repeat of the request get the result of the first one.
    var idempotencyKey: String?

    static let longestKey = 128
    static let longestTimeoutMs: Int64 = 1 << 31

    /// Fails with `invalidParams` for a member of the wrong shape.
    init(_ object: JSONObject) throws(RPCError) {
        guard !object.isEmpty else { return }
        progressToken = try Self.key("progressToken", in: object)
        idempotencyKey = try Self.key("idempotencyKey", in: object)
        guard let given = object["timeoutMs"] else { return }
        guard let milliseconds = given.integer, (1...Self.longestTimeoutMs).contains(milliseconds) else {
            throw Self.refusal("timeoutMs", "a number of milliseconds, 1 to \(Self.longestTimeoutMs)")
        }
        timeout = .milliseconds(milliseconds)
    }

    private static func key(_ name: String, in object: JSONObject) throws(RPCError) -> String? {
        guard let given = object[name] else { return nil }
        guard let key = given.string, (1...longestKey).contains(key.utf8.count) else {
            throw refusal(name, "a string of 1 to \(longestKey) bytes")
        }
        return key
    }

    private static func refusal(_ name: String, _ expected: String) -> RPCError {
        RPCError(.invalidParams, "'_meta.\(name)' must be \(expected)", details: ["path": .string("_meta.\(name)")])
    }
}
