public import JSONRPC

/// For providers with the capability `effects`: acts on a plan.
public struct ProviderLinkEstablish: RPCMethod {
    public static let name = "provider.link.establish"

    public var linkId: String
    public var plan: LinkPlan

    public struct Result: Codable, Sendable {
        public var state: JSONObject

        public init(
            state: JSONObject
        ) {
            self.state = state
        }
    }

    public init(
        linkId: String, plan: LinkPlan
    ) {
        self.linkId = linkId
        self.plan = plan
    }
}
