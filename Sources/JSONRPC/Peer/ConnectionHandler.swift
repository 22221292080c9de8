/// What a connection does with the messages of its peer.
///
/// Calls come in the order of the messages. ``answer(_:on:)`` runs on the connection's own thread up to its first
/// suspension, so requests are started in order, and what needs no waiting is answered without changing threads.
public protocol ConnectionHandler: Sendable {
    /// Answers one request; throws ``RPCError``, or anything else for an internal error.
    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject
    /// The answer to a request has been sent, or queued: what must come after it may follow.
    func answered(_ request: Request, on connection: Connection)
    /// Takes one notification; must not block.
    func receive(_ notification: Notification, on connection: Connection)
    /// Whether a notification may overtake requests that wait for room: it concerns only what is under way. The default
    /// says no.
    func overtakes(_ notification: Notification, on connection: Connection) -> Bool
    /// A line of the peer that is no valid message; the default answers it, which is right for a server.
    func receive(invalid error: RPCError, id: RequestID?, on connection: Connection)
    /// The peer could not read the id of a message that it was sent; the default ignores it.
    func receive(refusal error: RPCError, on connection: Connection)
    /// An answer to a call that this side never made or that has its answer already; the default ignores it.
    func receive(unasked response: Response, on connection: Connection)
    /// Nothing more can be written to the peer; called once, on any thread. True where somebody else sees to the end of
    /// the connection, and what the peer still sends counts; the default is false, which ends it.
    func readsOn(after failure: OutputFailure) -> Bool
    /// The peer sends nothing more; it may still read. Called once, before ``closed(_:)``.
    func inputEnded(_ connection: Connection)
    /// The connection is over; called once.
    func closed(_ connection: Connection)
}

extension ConnectionHandler {
    public func answered(_ request: Request, on connection: Connection) {}
    public func receive(_ notification: Notification, on connection: Connection) {}
    public func overtakes(_ notification: Notification, on connection: Connection) -> Bool { false }
    public func receive(invalid error: RPCError, id: RequestID?, on connection: Connection) {
        connection.send(.invalid(error, id: id))
    }
    public func receive(refusal error: RPCError, on connection: Connection) {}
    public func receive(unasked response: Response, on connection: Connection) {}
    public func readsOn(after failure: OutputFailure) -> Bool { false }
    public func inputEnded(_ connection: Connection) {}
    public func closed(_ connection: Connection) {}
}

/// For a peer that is only asked, never answered.
public struct RefusingHandler: ConnectionHandler {
    public init() {}

    public func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        throw RPCError(.methodNotFound, "this side answers no method, '\(request.method)' neither")
    }

    public func receive(invalid error: RPCError, id: RequestID?, on connection: Connection) {}
}
