/// `stream.data`: bytes of a stream, in either direction. The stream was named by the client in its request.
public struct StreamData: Codable, Sendable {
    public static let name = "stream.data"

    public enum Channel: String, Codable, Sendable, CaseIterable {
        case stdin, stdout, stderr
    }

    /// The client's name for the stream, within its connection.
    public var stream: String
    public var channel: Channel
    public var data: Base64
    /// Whether these are the last bytes of the channel.
    public var eof: Bool?

    public init(
        stream: String, channel: Channel, data: Base64, eof: Bool? = nil
    ) {
        self.stream = stream
        self.channel = channel
        self.data = data
        self.eof = eof
    }
}
