import JSONRPC
public import KenterProtocol

/// A plugin of the engine: what it is called, which roles it plays, and how its providers are made.
///
/// A plugin is an executable that answers line-delimited JSON-RPC 2.0 on its standard input and output. This is all
/// that its `main.swift` has to say:
///
/// ```swift
/// Plugin(name: "link-plain", version: "1.0.0", roles: ["link": .init()]) { context in
///     PluginProviders(link: PlainLinks(prefix: try context.decodeConfig(Settings.self).prefix))
/// }.main()
/// ```
///
/// The kit does the rest: the handshake, refusals of calls that come too early or that nobody knows, a bound on calls
/// at once, the end when the engine goes away, and a standard output that stray prints cannot corrupt.
public struct Plugin: Sendable {
    /// Makes the providers once the configuration is known; what it throws refuses the configuration.
    ///
    /// A plugin touches nothing on its host before this is called.
    public typealias Setup = @Sendable (PluginContext) async throws -> PluginProviders

    /// Versions of the plugin contract that this kit speaks, lowest and highest.
    public static let protocols = PluginHello.Versions(min: 1, max: 1)

    public var identity: PluginHello.Identity
    /// The roles it plays (`network`, `storage`, `link`) with their capabilities.
    public var roles: PluginHello.Roles
    /// Kinds of events it may send.
    public var events: [String]
    /// How many provider calls it works on at once; further ones wait their turn in the order they came.
    public var concurrency: Int
    /// Why it cannot work on this host; `nil` when it can.
    public var disableReason: String?
    let setup: Setup

    /// Describes a plugin; it does nothing before ``main()``.
    ///
    /// - Parameters:
    ///   - name: The name of the executable, too.
    ///   - version: Its own, independent of the engine's.
    ///   - disableReason: One sentence for people, when it cannot work on this host.
    ///   - setup: Makes a provider for each of the roles.
    public init(
        name: String, version: String, homepage: String? = nil, roles: PluginHello.Roles, events: [String] = [],
        concurrency: Int = 16, disableReason: String? = nil, setup: @escaping Setup
    ) {
        identity = PluginHello.Identity(name: name, version: version, homepage: homepage)
        self.roles = roles
        self.events = events
        self.concurrency = concurrency
        self.disableReason = disableReason
        self.setup = setup
    }

    /// The answer to `plugin.hello`: the highest common version of the contract.
    ///
    /// Fails with `unsupportedProtocol` when there is none.
    func greet(_ hello: PluginHello) throws -> PluginHello.Result {
        let own = Self.protocols
        let offered = hello.protocol
        let highest = min(own.max, offered.max)
        guard highest >= max(own.min, offered.min) else {
            throw RPCError(
                .unsupportedProtocol,
                "\(identity.name) speaks versions \(own.min) to \(own.max) of the plugin contract, "
                    + "the engine \(offered.min) to \(offered.max): update one of them")
        }
        return PluginHello.Result(
            protocol: highest, plugin: identity, roles: roles, events: events.isEmpty ? nil : events,
            concurrency: concurrency, disable: disableReason)
    }
}
