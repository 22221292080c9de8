public import JSONRPC
public import KenterProtocol

/// What the engine has told a plugin by the time its providers are made, and the way back to the engine.
public struct PluginContext: Sendable {
    /// Short id of the engine's root, 4 hexadecimal digits: part of every name of a host object, so that two engines
    /// can share a host.
    public let instance: String
    public let engine: PluginHello.Identity
    public let limits: PluginHello.Limits
    /// The plugin's section of the engine's configuration, as written there.
    public let config: JSONObject
    /// An absolute path: the plugin's own directory, kept across restarts.
    public let stateDirectory: String
    /// The engine's log.
    public let log: PluginLogger
    private let notify: PluginNotify

    /// Made by the kit; by hand only in tests.
    ///
    /// - Parameter notify: Takes the name and the parameters of what is sent to the engine.
    public init(
        instance: String, engine: PluginHello.Identity, limits: PluginHello.Limits, config: JSONObject,
        stateDirectory: String, notify: @escaping PluginNotify
    ) {
        self.instance = instance
        self.engine = engine
        self.limits = limits
        self.config = config
        self.stateDirectory = stateDirectory
        self.notify = notify
        log = PluginLogger(notify: notify)
    }

    /// The configuration as a type of the plugin's own.
    ///
    /// Fails with `invalidParams`, naming the member, when a member is unknown, missing or of another shape.
    public func decodeConfig<Config: Decodable>(_ type: Config.Type) throws -> Config {
        do {
            return try JSONValueDecoder(refusesUnknownMembers: true).decode(type, from: config)
        } catch let error as JSONShapeError {
            throw RPCError(.invalidParams, "invalid configuration: \(error)")
        }
    }

    /// Tells the engine of something that happened, of a kind listed in ``Plugin/events``.
    ///
    /// Events are lost, and said so on standard error, while the engine takes none.
    public func emit(_ event: PluginEvent) {
        notify(PluginEvent.name, encodedNotification(event))
    }
}

/// Sends a notification to the engine.
public typealias PluginNotify = @Sendable (_ method: String, _ params: JSONObject) -> Void

/// Strings and maps of strings: encoding them cannot fail.
func encodedNotification(_ value: some Encodable) -> JSONObject {
    do {
        return try JSONValueEncoder().encodeObject(value)
    } catch {
        preconditionFailure("a notification that is no JSON object: \(error)")
    }
}
