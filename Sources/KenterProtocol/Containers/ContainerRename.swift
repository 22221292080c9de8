public import JSONRPC

/// Gives a container another name; its links keep working and show the new name at once.
///
/// Fails with `notFound`, `alreadyExists`.
public struct ContainerRename: RPCMethod {
    public static let name = "container.rename"

    public var container: String
    /// The new name.
    public var newName: String

    private enum CodingKeys: String, CodingKey {
        case container
        case newName = "name"
    }

    public struct Result: Codable, Sendable {
        public var id: String

        public init(
            id: String
        ) {
            self.id = id
        }
    }

    public init(
        container: String, newName: String
    ) {
        self.container = container
        self.newName = newName
    }
}
