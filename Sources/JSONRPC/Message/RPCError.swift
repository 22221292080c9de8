/// An error as it travels: a number for generic libraries, a kind to act on, and one sentence for people.
public struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, by name. The set is open: a peer may send kinds that this code does not know.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public let code: Int64
        /// Whether the same request may succeed later, unchanged.
        public let retryable: Bool

        public init(_ name: String, code: Int64, retryable: Bool = false) {
            self.name = name
            self.code = code
            self.retryable = retryable
        }

        public var description: String { name }
        public static func == (left: Kind, right: Kind) -> Bool { left.name == right.name }
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    public var kind: Kind
    /// One English sentence that names the thing and says what to do next.
    public var message: String
    /// Further members of `data`, besides `kind` and `retryable`.
    public var details: JSONObject

    public init(_ kind: Kind, _ message: String, details: JSONObject = JSONObject()) {
        self.kind = kind
        self.message = message
        self.details = details
    }

    public var description: String { message }

    /// What a call gets when its connection is over before its answer is here.
    public static let connectionEnded = RPCError(.unavailable, "the connection ended before the answer came")

    /// The error as the `error` member of a response.
    public var json: JSONObject {
        var data: JSONObject = ["kind": .string(kind.name), "retryable": .bool(kind.retryable)]
        for member in details.members { data[member.name] = member.value }
        return ["code": .integer(kind.code), "message": .string(message), "data": .object(data)]
    }

    /// Reads the `error` member of a response; `nil` when it has no code or no message.
    public init?(json: JSONObject) {
        guard let code = json["code"]?.integer, let message = json["message"]?.string else { return nil }
        var details = json["data"]?.object ?? JSONObject()
        let name = details["kind"]?.string ?? "code\(code)"
        let retryable = details["retryable"]?.bool ?? false
        details["kind"] = nil
        details["retryable"] = nil
        self.init(Kind(name, code: code, retryable: retryable), message, details: details)
    }
}

// Kinds of JSON-RPC 2.0 itself and of this transport.
extension RPCError.Kind {
    public static let parse = Self("parse", code: -32700)
    public static let invalidRequest = Self("invalidRequest", code: -32600)
    public static let methodNotFound = Self("methodNotFound", code: -32601)
    public static let invalidParams = Self("invalidParams", code: -32602)
    public static let `internal` = Self("internal", code: -32603)
    public static let cancelled = Self("cancelled", code: -32800)
    public static let messageTooLarge = Self("messageTooLarge", code: -32010)
    public static let tooDeep = Self("tooDeep", code: -32011)
    public static let batchTooLarge = Self("batchTooLarge", code: -32012)
    public static let duplicateId = Self("duplicateId", code: -32013)
    public static let overloaded = Self("overloaded", code: -32014, retryable: true)
    public static let unauthenticated = Self("unauthenticated", code: -32015)
    public static let forbidden = Self("forbidden", code: -32016)
    public static let shuttingDown = Self("shuttingDown", code: -32017, retryable: true)
    public static let unsupportedProtocol = Self("unsupportedProtocol", code: -32018)
    public static let timeout = Self("timeout", code: 1009, retryable: true)
    public static let unavailable = Self("unavailable", code: 1007, retryable: true)
}
