import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
package import Logging
import Synchronization

/// A running engine: its services, and the doors through which it is called.
package final class Engine: Sendable {
    package static let version = "0.1.0"
    package static let apiLevel = 1

    let directories: EngineDirectories
    let configuration: EngineConfiguration
    let limits: EngineLimitTable
    let store: StateStore
    let plugins: PluginHost
    let journal: EventJournal
    let images: ImageService
    let networks: NetworkService
    let volumes: VolumeService
    let links: LinkService
    let containers: ContainerService
    let runtime: ContainerRuntime
    private let log: Logger
    private let locks: [EngineLock]
    private let listeners = Mutex<[@Sendable () -> Void]>([])
    private let clients = Mutex<ClientRegistry?>(nil)
    private let ending: EngineEnding

    /// Takes the root, opens its state, starts the plugins and finds the containers that still run.
    ///
    /// - Parameters:
    ///   - pluginPaths: Files and directories of plugins, besides those that came with the engine.
    ///   - runtimeWrapper: The path of `kenter-runtime`.
    ///   - ending: Asked early, it ends the engine as soon as it is ready.
    package init(
        _ directories: EngineDirectories, _ configuration: EngineConfiguration, pluginPaths: [String],
        runtimeWrapper: String, ending: EngineEnding = EngineEnding(), log: Logger
    ) async throws {
        try directories.makeOwn()
        self.ending = ending
        self.directories = directories
        self.configuration = configuration
        self.log = log
        locks = [
            try EngineLock(directories.lock, of: directories.root, flag: "--root"),
            try EngineLock(directories.runLock, of: directories.run, flag: "--run"),
        ]
        try directories.claim()
        try directories.make()
        limits = EngineLimitTable(configuration)
        let store = try StateStore(path: directories.state)
        self.store = store
        let instance = try Self.instance(store)
        let journal = EventJournal(store: store)
        self.journal = journal
        let aftermath = ReconciliationAftermath()
        let plugins = PluginHost(
            try PluginDiscovery.find(at: pluginPaths),
            Self.pluginSettings(directories, configuration, instance: instance),
            PluginCallbacks(
                reconcile: { try ReconciliationInput.read(store) },
                reconciled: { plugin, roles, result in
                    ReconciliationAftermath.forget(result.missing, of: plugin, store, log)
                    await aftermath.handle(plugin, roles, result)
                },
                event: { plugin, event in
                    ReconciliationAftermath.record(event, of: plugin, store, journal)
                }),
            foreign: ForeignPlugins(
                directory: directories.plugins, definitions: EngineDirectories.pluginDefinitions, store: store),
            log: log)
        self.plugins = plugins
        async let pluginStart: Void = plugins.start()
        runtime = try await ContainerRuntime(
            ContainerRuntime.Configuration(
                rootDirectory: directories.root, runDirectory: directories.run, instance: instance,
                wrapperPath: runtimeWrapper))
        await pluginStart
        networks = NetworkService(
            store: store, plugins: plugins, journal: journal, configuration: configuration, log: log,
            namespacePath: { directories.namespace($0) })
        volumes = VolumeService(store: store, plugins: plugins, journal: journal, log: log)
        images = try ImageService(
            store: store, plugins: plugins, journal: journal, directories: directories, configuration: configuration,
            log: log)
        links = LinkService(store: store, plugins: plugins, journal: journal, directories: directories, log: log)
        containers = ContainerService(
            store: store, runtime: runtime, plugins: plugins, images: images, networks: networks, volumes: volumes,
            links: links, journal: journal, directories: directories, configuration: configuration, log: log)
        aftermath.connect(networks: networks, volumes: volumes, links: links, store: store, log: log)
        await recover()
    }

    /// The doors open only after this: a provider that does not answer is waited for once.
    private func recover() async {
        await UnansweredProviders.askingOnce {
            await networks.prepare()
            await volumes.recover()
            await containers.recover()
        }
        // Unstructured because the doors do not wait for it; its call ends it within two seconds.
        Task { [networks = self.networks, log = self.log] in
            for block in await networks.foreignBlocks() { log.warning("\(block)") }
        }
    }

    /// The short id of a root, made at its first start: names of host objects carry it.
    private static func instance(_ store: StateStore) throws -> String {
        try store.write { transaction in
            if let known = try transaction.setting("instance") { return known }
            let made = Identifier.hex(digits: 4)
            try transaction.setSetting("instance", made)
            return made
        }
    }

    private static func pluginSettings(
        _ directories: EngineDirectories, _ configuration: EngineConfiguration, instance: String
    ) -> PluginSettings {
        let defaults = configuration.defaultProviders.compactMap { role, name in
            ProviderRole(rawValue: role).map { ($0, name) }
        }
        return PluginSettings(
            engine: PluginHello.Identity(name: "kenter", version: version), instance: instance,
            stateDirectory: directories.pluginState,
            defaultProviders: Dictionary(defaults) { first, _ in first }, configurations: configuration.plugins)
    }

    // MARK: doors

    /// How long an engine that ends by itself waits for its first client.
    private static let firstClientPatience: Duration = .seconds(10)

    /// Listens on the Unix socket and, where given, on a loopback port. Returns the port's address.
    @discardableResult
    package func listen(socket path: String, tcp: (host: String, port: UInt16)?, endsWhenIdle: Bool) throws -> String? {
        let registry = ClientRegistry(
            routes: routes(), repeated: RepeatedRequests(store: store), limits: limits
        ) { [weak self] in
            if endsWhenIdle { self?.endIfIdle() }
        }
        clients.withLock { $0 = registry }
        if endsWhenIdle {
            containers.whenEnded { [weak self] in self?.endIfIdle() }
            // Unstructured because nobody waits for it: who asked for this engine may be gone before it came.
            Task { [weak self] in
                try await Task.sleep(for: Self.firstClientPatience)
                self?.endIfIdle()
            }
        }
        let unix = try UnixListener(path: path, directories: directories, clients: registry, log: log)
        listeners.withLock { $0.append { unix.close() } }
        guard let tcp else { return nil }
        let listener = try TCPListener(
            host: tcp.host, port: tcp.port, directories: directories, clients: registry, limits: limits)
        listeners.withLock { $0.append { listener.close() } }
        return listener.address
    }

    private func endIfIdle() {
        guard clients.withLock({ $0?.count }) == 0 else { return }
        let isAnyRunning = (try? store.read { try $0.containers() })?.contains {
            $0.state.isRunning || $0.state.isStarting || $0.state.status == .restarting || $0.state.waitsFor != nil
        }
        if isAnyRunning == false { requestEnd() }
    }

    // MARK: end

    /// Asks the engine to end; returns at once.
    package func requestEnd() { ending.request() }

    /// Returns once somebody has asked the engine to end.
    package func waitForEnd() async { await ending.wait() }

    /// Closes the doors, ends the plugins and lets go of the root. Containers keep running; where none does, nothing of
    /// networks stays on the host.
    package func shutdown() async {
        for close in listeners.withLock({ $0 }) { close() }
        await clients.withLock { $0 }?.close()
        await containers.endCopies()
        await containers.healthChecks.close()
        await containers.watchers.close()
        await links.close()
        await networks.release()
        await plugins.shutdown()
    }
}

/// The one moment at which an engine is asked to end.
package final class EngineEnding: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream<Void>.makeStream()
    }

    package func request() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}
