/// `stream.resize`: the terminal of the client has another size.
public struct StreamResize: Codable, Sendable {
    public static let name = "stream.resize"

    public var stream: String
    public var columns: Int
    public var rows: Int

    public init(
        stream: String, columns: Int, rows: Int
    ) {
        self.stream = stream
        self.columns = columns
        self.rows = rows
    }
}
