public import JSONRPC

/// Removes what a container has written; succeeds for an unknown one.
public struct ProviderRootfsRemove: RPCMethod {
    public static let name = "provider.rootfs.remove"

    public var containerId: String
    public var state: JSONObject?

    public typealias Result = Empty

    public init(
        containerId: String, state: JSONObject? = nil
    ) {
        self.containerId = containerId
        self.state = state
    }
}
