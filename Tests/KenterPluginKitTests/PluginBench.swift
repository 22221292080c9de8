import Glibc
import JSONRPC
@testable import KenterPluginKit
import KenterProtocol
import Synchronization
import TestSupport

/// An engine's view of a plugin that runs in this process, over a pair of sockets.
final class PluginBench: Sendable, ConnectionHandler {
    private let heard = Mutex<[Notification]>([])
    private let connection = Mutex<Connection?>(nil)
    private let hasEnded = Atomic(false)

    /// What the plugin has said without being asked.
    var notifications: [Notification] { heard.withLock { $0 } }
    var isEnded: Bool { hasEnded.load(ordering: .acquiring) }

    init(_ plugin: Plugin) throws {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw CommandFailure("no pair of sockets")
        }
        _ = plugin.serve(ByteChannel(socket: Descriptor(owning: ends[0]))) {
            self.hasEnded.store(true, ordering: .releasing)
        }
        let own = Connection(ByteChannel(socket: Descriptor(owning: ends[1])), limits: .plugin, handler: self)
        own.start()
        connection.withLock { $0 = own }
    }

    deinit { connection.withLock { $0 }?.close() }

    func call<Method: RPCMethod>(_ method: Method) async throws -> Method.Result {
        let answer = try await call(Method.name, try JSONValueEncoder().encodeObject(method))
        return try JSONValueDecoder().decode(Method.Result.self, from: answer)
    }

    func call(_ method: String, _ params: JSONObject = [:]) async throws -> JSONObject {
        guard let connection = connection.withLock({ $0 }) else { throw CommandFailure("closed") }
        return try await connection.call(method, params, timeout: .seconds(20))
    }

    /// The error of a call that must fail.
    func failure(_ method: String, _ params: JSONObject = [:]) async -> RPCError? {
        do {
            let answer = try await call(method, params)
            return RPCError(.internal, "it answered \(answer)")
        } catch {
            return error as? RPCError
        }
    }

    func finish() { connection.withLock { $0 }?.finishWriting() }

    /// Says hello and configures.
    func ready(config: JSONObject = [:]) async throws {
        _ = try await call(Self.hello())
        _ = try await call(PluginConfigure(config: config, stateDir: "/nonexistent"))
    }

    static func hello(_ lowest: Int = 1, _ highest: Int = 1) -> PluginHello {
        PluginHello(
            protocol: .init(min: lowest, max: highest), engine: .init(name: "engine", version: "9"), instance: "ab12",
            limits: .init(lineBytes: 4 << 20, stateBytes: 16 << 10))
    }

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        throw RPCError(.methodNotFound, "a plugin asked for \(request.method)")
    }

    func receive(_ notification: Notification, on connection: Connection) {
        heard.withLock { $0.append(notification) }
    }
}

/// Counts how many of its plans are being made at once; each waits until it is let go.
final class CountingLinks: LinkProvider {
    private struct State {
        var running: [(id: String, continuation: CheckedContinuation<Void, Never>)] = []
        var most = 0
        var order: [String] = []
        var shutdown: Duration?
    }
    private let state = Mutex(State())

    var running: Int { state.withLock { $0.running.count } }
    var most: Int { state.withLock { $0.most } }
    /// Links in the order in which their plans began.
    var order: [String] { state.withLock { $0.order } }
    var shutdown: Duration? { state.withLock { $0.shutdown } }

    func letOneGo() { state.withLock { $0.running.isEmpty ? nil : $0.running.removeFirst() }?.continuation.resume() }

    func describe(_ request: ProviderLinkDescribe) async throws -> ProviderLinkDescribe.Result {
        ProviderLinkDescribe.Result(options: ["a": 1], produces: .init())
    }

    func plan(_ request: ProviderLinkPlan) async throws -> LinkPlan {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.running.append((request.linkId, continuation))
                state.order.append(request.linkId)
                state.most = max(state.most, state.running.count)
            }
        }
        return LinkPlan(warnings: [request.linkId])
    }

    func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        ProviderReconcile.Result(removed: ["link"], missing: request.linkIds)
    }

    func shutdown(within deadline: Duration) async { state.withLock { $0.shutdown = deadline } }
}

/// Keeps no volumes, and says what is wrong with it.
struct IdleStorage: StorageProvider {
    var trouble: String?

    func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        ProviderReconcile.Result(removed: ["volume"], errors: [.init(id: "v", message: "busy")])
    }

    func status() async -> PluginStatus.Result { PluginStatus.Result(healthy: trouble == nil, detail: trouble) }
}

extension Plugin {
    static func sample(
        concurrency: Int = 16, storage: IdleStorage = IdleStorage(), links: CountingLinks = CountingLinks()
    ) -> Plugin {
        Plugin(
            name: "sample", version: "1.2", roles: ["link": .init(capabilities: ["effects"]), "storage": .init()],
            events: ["tick"], concurrency: concurrency
        ) { _ in PluginProviders(storage: storage, link: links, warnings: ["mind the gap"]) }
    }
}
