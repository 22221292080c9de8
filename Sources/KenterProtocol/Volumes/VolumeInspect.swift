public import JSONRPC

/// One volume.
///
/// Fails with `notFound`.
public struct VolumeInspect: RPCMethod {
    public static let name = "volume.inspect"

    public var volume: String

    public typealias Result = Volume

    public init(
        volume: String
    ) {
        self.volume = volume
    }
}
