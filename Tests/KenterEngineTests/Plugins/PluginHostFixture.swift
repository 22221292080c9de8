import Glibc
import JSONRPC
import KenterEngine
import KenterProtocol
import Logging
import Synchronization
import TestSupport

/// A host of plugins from Tests/Fixtures/plugins, and what it has heard from them.
final class PluginHostFixture: Sendable {
    let host: PluginHost
    let directory: String
    private struct Heard {
        var events: [PluginEvent] = []
        var reconciled: [String: [String]] = [:]
        var delays: [Duration] = []
    }
    private let heard = Mutex(Heard())

    var events: [PluginEvent] { heard.withLock { $0.events } }
    /// Plugin → its roles, then what it misses.
    var reconciled: [String: [String]] { heard.withLock { $0.reconciled } }
    /// What the host asked its clock for.
    var delays: [Duration] { heard.withLock { $0.delays } }

    /// Runs `body` with a host of these plugins, whose clock does not wait, and ends it.
    ///
    /// - Parameter plugins: names of fixtures, or absolute paths.
    @discardableResult
    static func with<R: Sendable>(
        _ plugins: String..., change: (inout PluginSettings) -> Void = { _ in },
        _ body: (PluginHostFixture) async throws -> R
    ) async throws -> R {
        let fixture = try PluginHostFixture(plugins, change)
        await fixture.host.start()
        let outcome: Result<R, any Error>
        do {
            outcome = .success(try await body(fixture))
        } catch {
            outcome = .failure(error)
        }
        await fixture.host.shutdown(deadline: .seconds(2))
        try await Command.succeed(["rm", "-rf", fixture.directory])
        return try outcome.get()
    }

    private init(_ plugins: [String], _ change: (inout PluginSettings) -> Void) throws {
        let paths = plugins.map { $0.hasPrefix("/") ? $0 : BuildProducts.fixture("plugins/\($0)") }
        directory = "/tmp/kenter-plugins-\(UInt32.random(in: 0...UInt32.max))"
        let box = Box()
        var settings = PluginSettings(
            engine: PluginHello.Identity(name: "test", version: "0"), instance: "abcd", stateDirectory: directory,
            trust: PluginTrust.engine.trusting(writersOf: BuildProducts.fixture("plugins")),
            clock: PluginClock(now: { .zero }) { delay in box.fixture?.heard.withLock { $0.delays.append(delay) } })
        change(&settings)
        let callbacks = PluginCallbacks(
            reconcile: { ProviderReconcile(volumeIds: ["v1", "v2"]) },
            reconciled: { plugin, roles, result in
                let found = roles.map(\.rawValue) + result.missing
                box.fixture?.heard.withLock { $0.reconciled[plugin] = found }
            },
            event: { _, event in box.fixture?.heard.withLock { $0.events.append(event) } })
        var log = Logger(label: "plugins") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .trace
        host = PluginHost(try PluginDiscovery.find(at: paths), settings, callbacks, log: log)
        box.fixture = self
    }

    /// Lets callbacks, which are made before the fixture, reach it.
    private final class Box: Sendable {
        private let kept = Mutex<PluginHostFixture?>(nil)
        var fixture: PluginHostFixture? {
            get { kept.withLock { $0 } }
            set { kept.withLock { $0 = newValue } }
        }
    }

    /// Asks the plugin that plays the role `link` whether it is healthy.
    @discardableResult
    func status(timeout: Duration = .seconds(20)) async throws -> PluginStatus.Result {
        try await host.call(PluginStatus(), role: .link, timeout: timeout)
    }

    /// The error of a status that must fail.
    func statusError(timeout: Duration = .seconds(20)) async -> RPCError? {
        do {
            let result = try await status(timeout: timeout)
            return RPCError(.internal, "it answered \(result)")
        } catch {
            return error as? RPCError
        }
    }

    /// The same of one plugin of several.
    func error(of plugin: String, timeout: Duration = .seconds(20)) async -> RPCError? {
        do {
            let result = try await host.call(PluginStatus(), role: .link, provider: plugin, timeout: timeout)
            return RPCError(.internal, "it answered \(result)")
        } catch {
            return error as? RPCError
        }
    }

    /// `nil` for a plugin that the host does not have.
    func summary(_ plugin: String) -> PluginSummary? {
        do { return try host.summary(plugin) } catch { return nil }
    }

    func state(of plugin: String) -> PluginSummary.State? { summary(plugin)?.state }
}
