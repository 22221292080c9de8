import JSONRPC
import KenterProtocol
import Logging
import Synchronization

/// The connections there are, within their limits.
final class ClientRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var perUser: [UInt32: Int] = [:]
        var isClosed = false
    }

    private let routes: Routes
    private let limits: EngineLimitTable
    private let whenIdle: @Sendable () -> Void
    private let state = Mutex(State())

    init(routes: Routes, limits: EngineLimitTable, whenIdle: @escaping @Sendable () -> Void = {}) {
        self.routes = routes
        self.limits = limits
        self.whenIdle = whenIdle
    }

    var count: Int { state.withLock { $0.connections.count } }

    /// Serves a client; answers `overloaded` and closes when there are too many.
    func serve(_ channel: ByteChannel, uid: UInt32, received: [UInt8] = []) {
        let key = ClientKey()
        let session = ClientSession(uid: uid, routes: routes) { [weak self] in self?.remove(key, uid) }
        let connection = Connection(channel, limits: limits.connection, handler: session)
        let refusal = state.withLock { state -> RPCError? in
            if state.isClosed { return RPCError(.shuttingDown, "the engine is shutting down") }
            let ofUser = state.perUser[uid, default: 0]
            guard state.connections.count < limits.connections, uid == 0 || ofUser < limits.connectionsPerUser else {
                return RPCError(.overloaded, "the engine has as many connections as it takes; try again later")
            }
            state.connections[ObjectIdentifier(key)] = connection
            state.perUser[uid] = ofUser + 1
            return nil
        }
        guard let refusal else { return connection.start(received: received) }
        connection.send(.invalid(refusal, id: nil))
        // Unstructured because the listener must not wait for a client that reads slowly.
        Task {
            await connection.flush()
            connection.close()
        }
    }

    private func remove(_ key: ClientKey, _ uid: UInt32) {
        let isIdle = state.withLock { state in
            guard state.connections.removeValue(forKey: ObjectIdentifier(key)) != nil else { return false }
            let left = state.perUser[uid, default: 1] - 1
            state.perUser[uid] = left > 0 ? left : nil
            return state.connections.isEmpty
        }
        if isIdle { whenIdle() }
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
