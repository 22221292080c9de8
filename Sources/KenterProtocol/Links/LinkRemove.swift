public import JSONRPC

/// Removes a link, also while both ends run or the source is gone: its name stops resolving and its path closes; the
/// consumer's other links stay exactly as they are.
///
/// Fails with `notFound`, `pending`, `degraded`.
public struct LinkRemove: RPCMethod {
    public static let name = "link.remove"

    public var consumer: String
    public var alias: String

    public typealias Result = Empty

    public init(
        consumer: String, alias: String
    ) {
        self.consumer = consumer
        self.alias = alias
    }
}
