import Glibc
import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import Synchronization
import TestSupport

/// Sleeps until cancelled; says the time it was given.
struct ThingWait: RPCMethod {
    static let name = "thing.wait"
    struct Result: Codable, Sendable {}
}

/// Counts how often it is called.
struct ThingCreate: RPCMethod {
    static let name = "thing.create"
    var name: String?
    var env: [String]?
    struct Result: Codable, Sendable { var number: Int }
}

/// Says what time is left for calls that it would make.
struct ThingInspect: RPCMethod {
    static let name = "thing.inspect"
    struct Result: Codable, Sendable {
        var leftMs: Int?
        var leftForCleaningMs: Int?
    }
}

/// Sends back what comes on its stream, then its size; with `isHeld` it first waits for `thing.release`.
struct ThingAttach: RPCMethod {
    static let name = "thing.attach"
    var stream: String
    var isHeld: Bool?
    struct Result: Codable, Sendable { var text: String }
}

/// Lets a held `thing.attach` go on.
struct ThingRelease: RPCMethod {
    static let name = "thing.release"
    struct Result: Codable, Sendable {}
}

/// Reports progress far too often, and backwards.
struct ThingPull: RPCMethod {
    static let name = "thing.pull"
    struct Result: Codable, Sendable {}
}

/// A client session over a socket pair, with methods of its own and a state of its own.
final class SessionFixture: Sendable {
    let directory: String
    let store: StateStore
    let journal: EventJournal
    private let created = Mutex(0)
    /// Requests of `thing.wait` in the order they began.
    private let begun = Mutex<[RequestID]>([])
    private let held = AsyncStream<Void>.makeStream()
    private let late = Mutex<ProgressReporter?>(nil)

    var createdCount: Int { created.withLock { $0 } }
    var begunRequests: [RequestID] { begun.withLock { $0 } }
    /// What reported the progress of the last `thing.pull`.
    var lateReporter: ProgressReporter? { late.withLock { $0 } }

    static func with<R>(_ body: (SessionFixture) async throws -> R) async throws -> R {
        let directory = "/tmp/ks\(UInt32.random(in: 0...UInt32.max))"
        try await Command.succeed(["mkdir", directory])
        let outcome: Result<R, any Error>
        do { outcome = .success(try await body(SessionFixture(directory))) } catch { outcome = .failure(error) }
        try await Command.succeed(["rm", "-rf", directory])
        return try outcome.get()
    }

    private init(_ directory: String) throws {
        self.directory = directory
        store = try StateStore(path: "\(directory)/state.db")
        journal = EventJournal(store: store)
    }

    private var routes: Routes {
        var routes = Routes()
        routes.on(EnginePing.self) { _, _ in Empty() }
        routes.on(EventsSubscribe.self) { [journal] params, context in
            let start = try journal.start(since: params.since)
            let subscription = try context.session.subscribe(after: context.request) { name in
                await journal.run(name, filter: params.filter, after: start.cursor, to: context.connection)
            }
            return EventsSubscribe.Result(subscription: subscription, seq: start.last)
        }
        routes.on(EventsUnsubscribe.self) { params, context in
            try context.session.unsubscribe(params.subscription)
            return Empty()
        }
        routes.on(ThingWait.self) { [self] _, context in
            begun.withLock { $0.append(context.request.id) }
            try await Task.sleep(for: .seconds(60))
            return ThingWait.Result()
        }
        routes.on(ThingCreate.self) { [self] params, _ in
            let number = created.withLock { count in
                count += 1
                return count
            }
            if params.name == "bad" { throw RPCError(.conflict, "this name is taken") }
            return ThingCreate.Result(number: number)
        }
        routes.on(ThingInspect.self) { _, _ in
            ThingInspect.Result(
                leftMs: Self.left, leftForCleaningMs: await shielded { Self.left })
        }
        routes.on(ThingRelease.self) { [self] _, _ in
            held.continuation.finish()
            return ThingRelease.Result()
        }
        routes.on(ThingAttach.self) { [self] params, context in
            if params.isHeld == true { for await _ in held.stream {} }
            return try await context.withStream(params.stream) { stream in
                var text = ""
                for await input in stream.input {
                    switch input {
                    case .bytes(let bytes):
                        text += String(decoding: bytes, as: UTF8.self)
                        stream.grant(bytes.count)
                        await stream.send(bytes, on: .stdout)
                    case .resize(let columns, let rows): text += "<\(columns)x\(rows)>"
                    case .end: return ThingAttach.Result(text: text)
                    }
                }
                return ThingAttach.Result(text: "\(text)…")
            }
        }
        routes.on(ThingPull.self) { [self] _, context in
            late.withLock { $0 = context.progress }
            context.progress.begin("pulling")
            let start = ContinuousClock.now
            var count = 0
            while ContinuousClock.now - start < .milliseconds(900) {
                count += 1
                context.progress.report("pulling", done: 1000 - count % 7, total: 1000, unit: "bytes")
                try await Task.sleep(for: .milliseconds(1))
            }
            context.progress.end()
            return ThingPull.Result()
        }
        return routes
    }

    private static var left: Int? {
        RequestScope.deadline.map { deadline in
            let (seconds, attoseconds) = (deadline - .now).components
            return Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        }
    }

    /// A connection of that user.
    func connect(uid: UInt32 = 0, limits: ConnectionLimits = .server) throws -> LineClient {
        let (client, descriptor) = try LineClient.pair()
        let session = ClientSession(uid: uid, routes: routes, repeated: RepeatedRequests(store: store))
        Connection(ByteChannel(socket: Descriptor(owning: descriptor)), limits: limits, handler: session).start()
        return client
    }
}
