public import JSONRPC

/// Links a container to another one, whether it runs or not.
///
/// A running consumer gets hosts lines, files and the path at once; variables come with its next start and are listed in
/// `pending` until then. Refused for the reasons for which `container.create` refuses a link, and, while the consumer
/// runs, for those for which its start would be refused. A refused call leaves everything as it was.
///
/// Fails with `notFound`, `conflict`, `precondition`, `pending`, `exhausted`, `degraded`, `unavailable`,
/// `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct LinkCreate: RPCMethod, Equatable {
    public static let name = "link.create"

    public var consumer: String
    /// A name, an id, an unambiguous prefix of one, or another link's path; or all of a link at once, as
    /// `container.create` takes it: `source[:alias][,option=value…]`.
    public var source: String
    /// The source as written, where missing.
    public var alias: String?
    /// The default link provider, where missing.
    public var provider: String?
    /// `rebind`, and what the provider takes.
    public var options: [String: String]?

    public typealias Result = Link

    public init(
        consumer: String, source: String, alias: String? = nil, provider: String? = nil,
        options: [String: String]? = nil
    ) {
        self.consumer = consumer
        self.source = source
        self.alias = alias
        self.provider = provider
        self.options = options
    }
}
