public import JSONRPC

/// One link.
public struct LinkInspect: RPCMethod {
    public static let name = "link.inspect"

    public var consumer: String
    public var alias: String

    public typealias Result = Link

    public init(
        consumer: String, alias: String
    ) {
        self.consumer = consumer
        self.alias = alias
    }
}
