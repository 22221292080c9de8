public import JSONRPC

/// Removes a volume with its data; `precondition` while it is mounted, success for an unknown one.
public struct ProviderVolumeRemove: RPCMethod {
    public static let name = "provider.volume.remove"

    public var volumeId: String
    public var state: JSONObject?

    public typealias Result = Empty

    public init(
        volumeId: String, state: JSONObject? = nil
    ) {
        self.volumeId = volumeId
        self.state = state
    }
}
