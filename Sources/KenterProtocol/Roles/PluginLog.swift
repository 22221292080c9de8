/// `plugin.log`: a line for the engine's log.
public struct PluginLog: Codable, Sendable {
    public static let name = "plugin.log"

    /// `debug`, `info`, `warning` or `error`.
    public var level: String
    public var message: String

    public init(
        level: String, message: String
    ) {
        self.level = level
        self.message = message
    }
}
