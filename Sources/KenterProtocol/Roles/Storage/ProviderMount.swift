/// A mount for the engine to make.
public struct ProviderMount: Codable, Sendable, Equatable {
    /// `overlay`, `bind` or `tmpfs`.
    public var type: String
    public var source: String
    /// As mount(8) writes them: `ro`, `nosuid`, `lowerdir=…`.
    public var options: [String]

    public init(
        type: String, source: String, options: [String] = []
    ) {
        self.type = type
        self.source = source
        self.options = options
    }
}
