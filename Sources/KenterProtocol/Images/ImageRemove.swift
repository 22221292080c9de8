public import JSONRPC

/// Removes names of images, and images that have none left and are not in use.
///
/// Fails with `notFound`, `conflict`.
public struct ImageRemove: RPCMethod {
    public static let name = "image.remove"

    public var images: [String]
    /// Removes every name of an image given by its id, even while stopped containers use it.
    public var force: Bool?

    public struct Result: Codable, Sendable {
        /// `Untagged: NAME` and `Deleted: ID`, in the order done.
        public var removed: [String]

        public init(
            removed: [String] = []
        ) {
            self.removed = removed
        }
    }

    public init(
        images: [String] = [], force: Bool? = nil
    ) {
        self.images = images
        self.force = force
    }
}
