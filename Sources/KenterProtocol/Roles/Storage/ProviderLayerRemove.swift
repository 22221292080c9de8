public import JSONRPC

/// Removes a layer; succeeds for an unknown one.
public struct ProviderLayerRemove: RPCMethod {
    public static let name = "provider.layer.remove"

    public var digest: String

    public typealias Result = Empty

    public init(
        digest: String
    ) {
        self.digest = digest
    }
}
