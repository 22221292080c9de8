public import JSONRPC

/// Disconnects an attachment and closes every path of it in the same transaction; succeeds for an unknown one.
public struct ProviderNetworkDetach: RPCMethod {
    public static let name = "provider.network.detach"

    public var attachmentId: String
    public var networkId: String
    public var netns: String?
    public var state: JSONObject?

    public typealias Result = Empty

    public init(
        attachmentId: String, networkId: String, netns: String? = nil, state: JSONObject? = nil
    ) {
        self.attachmentId = attachmentId
        self.networkId = networkId
        self.netns = netns
        self.state = state
    }
}
