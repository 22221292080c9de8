import JSONRPC
import KenterProtocol

/// Sorts what a plugin writes: answers by their request, broken rules by their check. Does no I/O.
struct Inbox {
    enum Entry {
        case outcome(Result<JSONObject, RPCError>)
        /// It came, and broke a rule.
        case unreadable(Violation)
    }

    private var framer = LineFramer(limitBytes: ConnectionLimits.plugin.lineBytes)
    private var errorFramer = LineFramer(limitBytes: 1 << 20)
    private var expected: Set<RequestID> = []
    private var answers: [RequestID: Entry] = [:]

    mutating func expect(_ id: RequestID) { expected.insert(id) }
    mutating func append(_ bytes: ArraySlice<UInt8>) { framer.append(bytes) }

    mutating func append(errors bytes: ArraySlice<UInt8>, _ transcript: Transcript) {
        errorFramer.append(bytes)
        while case .line(let line)? = errorFramer.next() { transcript.add("!", line) }
    }

    func take(_ id: RequestID) -> Entry? { answers[id] }

    /// Sorts the lines that are here; what was against a rule, and the kinds of the events that came.
    mutating func sort(_ transcript: Transcript) -> (violations: [Violation], events: [String]) {
        var (violations, events): ([Violation], [String]) = ([], [])
        while let frame = framer.next() {
            guard case .line(let bytes) = frame else {
                violations.append(Violation(check: "framing.line-limit", text: "it wrote a line over 4 MiB"))
                continue
            }
            transcript.add("←", bytes)
            let limits = ConnectionLimits.plugin
            switch Line(bytes, limits: limits.json, batchItems: limits.batchItems) {
            case .batch: violations.append(Violation(check: "framing.lines", text: "it wrote a batch"))
            case .message(let message):
                if let violation = sort(message, bytes, &events) { violations.append(violation) }
            }
        }
        return (violations, events)
    }

    private mutating func sort(_ message: Message, _ bytes: ArraySlice<UInt8>, _ events: inout [String]) -> Violation? {
        switch message {
        case .request(let request):
            return Violation(check: "requests.none", text: "it sent the request '\(request.method)'")
        case .notification(let notification): return sort(notification, &events)
        case .response(let response): return sort(response)
        case .invalid(let error, let id): return sortInvalid(error, id, bytes)
        case .refusal(let error): return sortInvalid(error, nil, bytes)
        }
    }

    private mutating func sort(_ response: Response) -> Violation? {
        let id = response.id
        guard expected.contains(id) else {
            return Violation(check: "answers.asked", text: "it answered \(id), which it was not asked")
        }
        guard answers[id] == nil else {
            return Violation(check: "answers.once", text: "it answered \(id) more than once")
        }
        answers[id] = .outcome(response.outcome)
        return nil
    }

    /// What stands for an answer where it can be told which, so that nobody waits for a better one.
    private mutating func sortInvalid(_ error: RPCError, _ id: RequestID?, _ bytes: ArraySlice<UInt8>) -> Violation? {
        let object = (try? JSONScanner.scan(bytes))?.object  // No JSON is one of the answers.
        let violation: Violation
        if let result = object?["result"], result.object == nil {
            violation = Violation(check: "results.object", text: "it answered with \(result.typeName) as result")
        } else if object?["error"] != nil {
            violation = Violation(check: "errors.shape", text: "it sent an error without an integer code and a message")
        } else if object != nil {
            violation = Violation(check: "framing.lines", text: "it wrote what is no message: \(error.message)")
        } else if error.message.contains("twice") {
            violation = Violation(check: "framing.names-once", text: error.message)
        } else {
            violation = Violation(check: "framing.lines", text: error.message)
        }
        let answered = id ?? object?["id"].flatMap(RequestID.init)
        if let answered, expected.contains(answered), answers[answered] == nil {
            answers[answered] = .unreadable(violation)
        }
        return violation
    }

    private func sort(_ notification: Notification, _ events: inout [String]) -> Violation? {
        do {
            switch notification.method {
            case PluginLog.name: _ = try JSONValueDecoder().decode(PluginLog.self, from: notification.params)
            case PluginEvent.name:
                events.append(try JSONValueDecoder().decode(PluginEvent.self, from: notification.params).kind)
            default: break
            }
            return nil
        } catch {
            return Violation(
                check: "notifications.shape", text: "it sent \(notification.method) with a wrong shape: \(error)")
        }
    }
}
