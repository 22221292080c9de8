public import JSONRPC

/// Gives an image a further name.
///
/// Fails with `notFound`.
public struct ImageTag: RPCMethod {
    public static let name = "image.tag"

    public var image: String
    public var reference: String

    public typealias Result = Empty

    public init(
        image: String, reference: String
    ) {
        self.image = image
        self.reference = reference
    }
}
