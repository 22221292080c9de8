public import JSONRPC

/// One link: every variable, hosts line, file and port with its value and where it comes from.
///
/// Fails with `notFound`.
public struct LinkInspect: RPCMethod {
    public static let name = "link.inspect"

    public var consumer: String
    public var alias: String
    /// Whether values that look secret are shown, too.
    public var showSecrets: Bool?

    public typealias Result = Link

    public init(
        consumer: String, alias: String, showSecrets: Bool? = nil
    ) {
        self.consumer = consumer
        self.alias = alias
        self.showSecrets = showSecrets
    }
}
