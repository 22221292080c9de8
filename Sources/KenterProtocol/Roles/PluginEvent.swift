/// `plugin.event`: something happened that the engine should pass on, of a kind announced in `plugin.hello`.
public struct PluginEvent: Codable, Sendable {
    public static let name = "plugin.event"

    public var kind: String
    /// Of the object it happened to; empty for the provider itself.
    public var id: String
    public var attributes: [String: String]

    public init(
        kind: String, id: String, attributes: [String: String] = [:]
    ) {
        self.kind = kind
        self.id = id
        self.attributes = attributes
    }
}
