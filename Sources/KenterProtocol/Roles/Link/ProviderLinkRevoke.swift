public import JSONRPC

/// Undoes `establish`; succeeds for an unknown link.
public struct ProviderLinkRevoke: RPCMethod {
    public static let name = "provider.link.revoke"

    public var linkId: String
    public var state: JSONObject?

    public typealias Result = Empty

    public init(
        linkId: String, state: JSONObject? = nil
    ) {
        self.linkId = linkId
        self.state = state
    }
}
