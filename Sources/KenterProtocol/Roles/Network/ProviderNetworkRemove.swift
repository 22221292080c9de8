public import JSONRPC

/// Removes a network; succeeds for an unknown one.
public struct ProviderNetworkRemove: RPCMethod {
    public static let name = "provider.network.remove"

    public var networkId: String
    public var state: JSONObject?

    public typealias Result = Empty

    public init(
        networkId: String, state: JSONObject? = nil
    ) {
        self.networkId = networkId
        self.state = state
    }
}
