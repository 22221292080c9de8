import Glibc
import JSONRPC
import KenterProtocol
import Logging
import Synchronization

/// The connections there are, within their limits.
final class ClientRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// Connections whose descriptors are still open, those that have ended among them.
        var places = 0
        var users: [UInt32: User] = [:]
        var isClosed = false
    }

    /// What the connections of one user share.
    private struct User {
        var connections = 0
        let budget: RequestBudget
    }

    private let routes: Routes
    private let repeated: RepeatedRequests
    private let limits: EngineLimitTable
    private let whenIdle: @Sendable () -> Void
    private let budget: RequestBudget
    private let state = Mutex(State())

    init(
        routes: Routes, repeated: RepeatedRequests, limits: EngineLimitTable,
        whenIdle: @escaping @Sendable () -> Void = {}
    ) {
        self.routes = routes
        self.repeated = repeated
        self.limits = limits
        self.whenIdle = whenIdle
        budget = RequestBudget(limit: limits.requestsInFlight)
    }

    var count: Int { state.withLock { $0.connections.count } }

    /// Serves a client; answers `overloaded` and closes when there are too many.
    func serve(_ channel: ByteChannel, uid: UInt32, isRemote: Bool = false, received: [UInt8] = []) {
        let key = ClientKey()
        let session = ClientSession(uid: uid, isRemote: isRemote, routes: routes, repeated: repeated) { [weak self] in
            self?.remove(key)
        }
        let (connection, refusal) = state.withLock { state -> (Connection, RPCError?) in
            var user = state.users[uid] ?? User(budget: userBudget(uid))
            let connection = Connection(channel, limits: limits.connection, budget: user.budget, handler: session)
            if let refusal = reasonToRefuse(uid, user, state) { return (connection, refusal) }
            user.connections += 1
            state.users[uid] = user
            state.places += 1
            state.connections[ObjectIdentifier(key)] = connection
            return (connection, nil)
        }
        guard let refusal else {
            channel.whenReleased { [weak self] in self?.free(uid) }
            return connection.start(received: received)
        }
        // A new connection has room for one line; nothing of it stays, however many come.
        connection.send(.invalid(refusal, id: nil))
        connection.close()
    }

    /// The engine's own user could do it harm in other ways, and is the only one there is as a rule: it may have all.
    private func isUnbounded(_ uid: UInt32) -> Bool { uid == 0 || uid == geteuid() }

    private func userBudget(_ uid: UInt32) -> RequestBudget {
        isUnbounded(uid) ? budget : RequestBudget(limit: limits.requestsInFlightPerUser, parent: budget)
    }

    private func reasonToRefuse(_ uid: UInt32, _ user: User, _ state: State) -> RPCError? {
        if state.isClosed { return RPCError(.shuttingDown, "the engine is shutting down") }
        if state.places >= limits.connections {
            let text = "the engine has as many connections as it takes, \(limits.connections): try again later"
            return RPCError(.overloaded, text)
        }
        if user.connections >= limits.connectionsPerUser, !isUnbounded(uid) {
            let text = "user \(uid) has as many connections as one may have, \(limits.connectionsPerUser): close some"
            return RPCError(.overloaded, text)
        }
        return nil
    }

    private func remove(_ key: ClientKey) {
        let isIdle = state.withLock { state in
            guard state.connections.removeValue(forKey: ObjectIdentifier(key)) != nil else { return false }
            return state.connections.isEmpty
        }
        if isIdle { whenIdle() }
    }

    /// A connection's descriptors are free: what still used it, a subscription for one, has let go of it.
    private func free(_ uid: UInt32) {
        state.withLock { state in
            state.places -= 1
            state.users[uid]?.connections -= 1
            // Its requests are over too.
            if state.users[uid]?.connections == 0 { state.users[uid] = nil }
        }
    }

    /// Refuses further clients and ends those there are.
    func close() async {
        let connections = state.withLock { state in
            state.isClosed = true
            return Array(state.connections.values)
        }
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.end(within: .seconds(2)) } }
        }
    }
}

/// Tells one connection from another before it exists.
private final class ClientKey: Sendable {}
