import JSONRPC
import KenterProtocol

/// What the engine hears from a plugin besides answers: two notifications, and nothing else.
struct PluginConversation: ConnectionHandler {
    let output: PluginOutput
    let event: @Sendable (PluginEvent) -> Void
    /// The plugin has broken the contract: what it did, after "it".
    let violated: @Sendable (String) -> Void
    /// Nothing more can be said to a process of the engine's own; `nil` for a plugin that was started elsewhere, whose
    /// connection ends then.
    var unheard: (@Sendable (OutputFailure) -> Void)?
    /// Nothing more comes from it.
    var hungUp: @Sendable () -> Void = {}

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        violate("sent the request '\(LogText.escape(request.method, limit: 64))'; a plugin only answers", connection)
        throw RPCError(.invalidRequest, "a plugin sends no requests, only answers and notifications")
    }

    func inputEnded(_ connection: Connection) { hungUp() }

    func readsOn(after failure: OutputFailure) -> Bool {
        unheard?(failure)
        return unheard != nil
    }

    func receive(_ notification: Notification, on connection: Connection) {
        do {
            switch notification.method {
            case PluginLog.name:
                let entry = try JSONValueDecoder().decode(PluginLog.self, from: notification.params)
                output.append(message: entry.message, level: entry.level)
            case PluginEvent.name:
                event(try JSONValueDecoder().decode(PluginEvent.self, from: notification.params))
            default: break  // $/progress, and what a newer contract may add.
            }
        } catch {
            violate(
                "sent \(notification.method) with a wrong shape: \(LogText.escape("\(error)", limit: 256))", connection)
        }
    }

    func receive(invalid error: RPCError, id: RequestID?, on connection: Connection) {
        violate("sent a line that is no valid message: \(LogText.escape(error.message, limit: 256))", connection)
    }

    func receive(refusal error: RPCError, on connection: Connection) {
        violate("refused a message without its id: \(LogText.escape(error.message, limit: 256))", connection)
    }

    func receive(unasked response: Response, on connection: Connection) {
        violate("answered a call that it was never asked, or twice: \(response.id)", connection)
    }

    /// Nothing more is read from it, whatever it has already sent.
    private func violate(_ deed: String, _ connection: Connection) {
        violated(deed)
        connection.close()
    }
}
