public import KenterProtocol

/// What every provider may do beside its role; all of it has a default.
///
/// Calls run at the same time, up to ``Plugin/concurrency`` of them, on the thread that reads the engine's requests
/// until they first wait for something: work that takes more than a few milliseconds without waiting belongs on a
/// thread of its own. An `RPCError` reaches the engine as it is thrown, any other error with the kind `internal`. When
/// the engine cancels a call, its task is cancelled.
public protocol PluginProvider: Sendable {
    /// Cleans whatever the engine no longer names, carries on past failures, and reports them all.
    ///
    /// Names only what this provider knows how to find; the default has nothing to clean.
    func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result
    /// Whether it works; the default says it does.
    func status() async -> PluginStatus.Result
    /// The engine is about to end the plugin: finish within `deadline`. Networks, mounts and containers stay.
    func shutdown(within deadline: Duration) async
}

extension PluginProvider {
    public func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        ProviderReconcile.Result()
    }

    public func status() async -> PluginStatus.Result { PluginStatus.Result(healthy: true) }
    public func shutdown(within deadline: Duration) async {}
}

/// The providers of one plugin, one for each role it plays. One value may play several.
public struct PluginProviders: Sendable {
    public var network: (any NetworkProvider)?
    public var storage: (any StorageProvider)?
    public var link: (any LinkProvider)?
    /// What is wrong with the configuration without being fatal, for the engine's log.
    public var warnings: [String]

    public init(
        network: (any NetworkProvider)? = nil, storage: (any StorageProvider)? = nil,
        link: (any LinkProvider)? = nil, warnings: [String] = []
    ) {
        self.network = network
        self.storage = storage
        self.link = link
        self.warnings = warnings
    }

    /// By role, in a fixed order.
    var byRole: [(role: String, provider: any PluginProvider)] {
        let all: [(String, (any PluginProvider)?)] = [("network", network), ("storage", storage), ("link", link)]
        return all.compactMap { role, provider in provider.map { (role, $0) } }
    }
}
