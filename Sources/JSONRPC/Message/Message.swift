/// A call that wants an answer.
public struct Request: Sendable, Equatable {
    public var id: RequestID
    public var method: String
    /// Named parameters; empty when the message had none.
    public var params: JSONObject
    /// Reserved `params._meta`, taken out of ``params``.
    public var meta: JSONObject

    public init(id: RequestID, method: String, params: JSONObject = JSONObject(), meta: JSONObject = JSONObject()) {
        self.id = id
        self.method = method
        self.params = params
        self.meta = meta
    }
}

/// A call that wants no answer.
public struct Notification: Sendable, Equatable {
    public var method: String
    public var params: JSONObject

    public init(method: String, params: JSONObject) {
        self.method = method
        self.params = params
    }
}

/// The answer to a request.
public struct Response: Sendable, Equatable {
    public var id: RequestID
    public var outcome: Result<JSONObject, RPCError>

    public init(id: RequestID, outcome: Result<JSONObject, RPCError>) {
        self.id = id
        self.outcome = outcome
    }
}

/// One message of JSON-RPC 2.0, checked strictly.
public enum Message: Sendable, Equatable {
    case request(Request)
    case notification(Notification)
    case response(Response)
    /// No message: what to answer, and to which request where its id could be read.
    case invalid(RPCError, id: RequestID?)
    /// The peer's answer to a message whose id it could not read.
    case refusal(RPCError)

    /// Classifies one parsed value.
    public init(_ value: JSONValue) {
        guard let object = value.object else {
            self = .invalid(RPCError(.invalidRequest, "a message must be an object, not \(value.typeName)"), id: nil)
            return
        }
        let id = object["id"].flatMap(RequestID.init)
        func invalid(_ detail: String, _ kind: RPCError.Kind = .invalidRequest) -> Message {
            .invalid(RPCError(kind, detail), id: id)
        }
        if let given = object["id"], id == nil, object["method"] != nil || given != .null {
            self = invalid("'id' must be a string of up to 128 bytes or an integer within ±(2^53−1)")
        } else if object["jsonrpc"] != .string("2.0") {
            self = invalid("'jsonrpc' must be \"2.0\"")
        } else if let method = object["method"] {
            self = Self.call(object, method, id)
        } else {
            self = Self.answer(object, id)
        }
    }

    private static func call(_ object: JSONObject, _ method: JSONValue, _ id: RequestID?) -> Message {
        guard let name = method.string else {
            return .invalid(RPCError(.invalidRequest, "'method' must be a string"), id: id)
        }
        guard let given = object["params"] else {
            return id.map { .request(Request(id: $0, method: name)) }
                ?? .notification(Notification(method: name, params: JSONObject()))
        }
        guard var params = given.object else {
            // Parameters by position are a notification's own business: it has no answer, not even an error.
            if id == nil, given.array != nil { return .notification(Notification(method: name, params: JSONObject())) }
            let kind: RPCError.Kind = given.array == nil ? .invalidRequest : .invalidParams
            let error = RPCError(kind, "'params' must be an object of named parameters, not \(given.typeName)")
            return .invalid(error, id: id)
        }
        guard let id else { return .notification(Notification(method: name, params: params)) }
        var meta = JSONObject()
        if let given = params["_meta"] {
            guard let object = given.object else {
                return .invalid(RPCError(.invalidParams, "'_meta' must be an object"), id: id)
            }
            meta = object
            params["_meta"] = nil
        }
        return .request(Request(id: id, method: name, params: params, meta: meta))
    }

    private static func answer(_ object: JSONObject, _ id: RequestID?) -> Message {
        switch (object["result"], object["error"]) {
        case (let result?, nil):
            guard let id, let result = result.object else {
                return .invalid(RPCError(.invalidRequest, "a result must be an object and have an id"), id: nil)
            }
            return .response(Response(id: id, outcome: .success(result)))
        case (nil, let error?):
            guard let error = error.object.flatMap(RPCError.init(json:)) else {
                return .invalid(RPCError(.invalidRequest, "an error must have a code and a message"), id: nil)
            }
            guard let id else { return .refusal(error) }
            return .response(Response(id: id, outcome: .failure(error)))
        default:
            return .invalid(RPCError(.invalidRequest, "a message needs 'method', 'result' or 'error'"), id: id)
        }
    }

    /// The message as a JSON object.
    public var json: JSONObject {
        typealias Member = JSONObject.Member
        let version = Member(name: "jsonrpc", value: "2.0")
        var members: [Member]
        switch self {
        case .request(let request):
            members = [
                version, Member(name: "id", value: request.id.json),
                Member(name: "method", value: .string(request.method)),
            ]
            var params = request.params
            if !request.meta.isEmpty { params["_meta"] = .object(request.meta) }
            if !params.isEmpty { members.append(Member(name: "params", value: .object(params))) }
        case .notification(let notification):
            members = [
                version, Member(name: "method", value: .string(notification.method)),
                Member(name: "params", value: .object(notification.params)),
            ]
        case .response(let response):
            let outcome =
                switch response.outcome {
                case .success(let result): Member(name: "result", value: .object(result))
                case .failure(let error): Member(name: "error", value: .object(error.json))
                }
            members = [version, Member(name: "id", value: response.id.json), outcome]
        case .refusal(let error): return Message.invalid(error, id: nil).json
        case .invalid(let error, let id):
            members = [
                version, Member(name: "id", value: id?.json ?? .null),
                Member(name: "error", value: .object(error.json)),
            ]
        }
        return JSONObject(uniqueMembers: members)
    }
}

/// What one line held.
public enum Line: Sendable, Equatable {
    case message(Message)
    /// JSON-RPC's batch: several messages, answered together.
    case batch([Message])

    /// Reads one line, whose JSON must keep `limits` and, as a batch, have at most `batchItems` messages.
    public init(_ bytes: some Collection<UInt8>, limits: JSONLimits, batchItems: Int) {
        let value: JSONValue
        do throws(JSONScanError) {
            value = try JSONScanner.scan(bytes, limits: limits)
        } catch {
            let kind: RPCError.Kind = error.reason == .overLimit ? .tooDeep : .parse
            self = .message(.invalid(RPCError(kind, "the line is not valid JSON: \(error)"), id: nil))
            return
        }
        guard let items = value.array else {
            self = .message(Message(value))
            return
        }
        if items.isEmpty {
            self = .message(.invalid(RPCError(.invalidRequest, "a batch must have at least one message"), id: nil))
        } else if items.count > batchItems {
            let text = "a batch may have at most \(batchItems) messages, this one has \(items.count)"
            self = .message(.invalid(RPCError(.batchTooLarge, text), id: nil))
        } else {
            self = .batch(items.map(Message.init))
        }
    }
}
