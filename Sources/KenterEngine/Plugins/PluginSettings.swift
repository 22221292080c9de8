package import JSONRPC
package import KenterProtocol
import Logging

/// What the engine tells its plugins, and how long it waits for them.
package struct PluginSettings: Sendable {
    /// The versions of the plugin contract that this engine speaks.
    package static let protocols = PluginHello.Versions(min: 1, max: 1)

    package var engine: PluginHello.Identity
    /// Short id of the engine's root: 4 hexadecimal digits.
    package var instance: String
    /// Holds a directory for each plugin; made where missing.
    package var stateDirectory: String
    /// Role → plugin, where several play it.
    package var defaultProviders: [ProviderRole: String]
    /// Plugin → its configuration.
    package var configurations: [String: JSONObject]
    package var trust: PluginTrust
    package var clock: PluginClock
    package var helloTimeout: Duration = .seconds(10)
    package var configureTimeout: Duration = .seconds(30)
    package var reconcileTimeout: Duration = .seconds(120)
    /// How long a plugin has to answer that it is to finish and, once its input has ended, to exit before force is used.
    package var exitTimeout: Duration = .seconds(5)

    package init(
        engine: PluginHello.Identity, instance: String, stateDirectory: String,
        defaultProviders: [ProviderRole: String] = [:], configurations: [String: JSONObject] = [:],
        trust: PluginTrust = .engine, clock: PluginClock = .system
    ) {
        self.engine = engine
        self.instance = instance
        self.stateDirectory = stateDirectory
        self.defaultProviders = defaultProviders
        self.configurations = configurations
        self.trust = trust
        self.clock = clock
    }
}

/// What the engine does for its plugins; nothing is called with a lock held.
package struct PluginCallbacks: Sendable {
    /// All that exists now, for a plugin that has just started.
    package var reconcile: @Sendable () async throws -> ProviderReconcile
    /// A plugin runs, and this is what it found: the engine makes anew what is missing. Ids are ones that were sent.
    package var reconciled:
        @Sendable (_ plugin: String, _ roles: [ProviderRole], ProviderReconcile.Result) async -> Void
    /// A plugin reports an event of a kind it has announced; must not block.
    package var event: @Sendable (_ plugin: String, PluginEvent) -> Void

    package init(
        reconcile: @escaping @Sendable () async throws -> ProviderReconcile,
        reconciled: @escaping @Sendable (_ plugin: String, [ProviderRole], ProviderReconcile.Result) async -> Void = {
            _, _, _ in
        },
        event: @escaping @Sendable (_ plugin: String, PluginEvent) -> Void = { _, _ in }
    ) {
        self.reconcile = reconcile
        self.reconciled = reconciled
        self.event = event
    }
}
