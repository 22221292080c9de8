public import JSONRPC

/// Ends one mount of a volume; succeeds for an unknown one.
public struct ProviderVolumeUnmount: RPCMethod {
    public static let name = "provider.volume.unmount"

    public var mountId: String
    public var volumeId: String

    public typealias Result = Empty

    public init(
        mountId: String, volumeId: String
    ) {
        self.mountId = mountId
        self.volumeId = volumeId
    }
}
