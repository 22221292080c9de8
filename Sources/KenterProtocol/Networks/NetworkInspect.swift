public import JSONRPC

/// One network.
///
/// Fails with `notFound`, `unavailable`.
public struct NetworkInspect: RPCMethod {
    public static let name = "network.inspect"

    public var network: String

    public typealias Result = Network

    public init(
        network: String
    ) {
        self.network = network
    }
}
