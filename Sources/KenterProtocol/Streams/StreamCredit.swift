/// `stream.credit`: the receiver of a stream can take that many bytes more.
///
/// Each direction of a stream starts with ``initialBytes``; a sender that has used up its credit waits for more.
public struct StreamCredit: Codable, Sendable {
    public static let name = "stream.credit"
    /// What a sender may send before the first credit arrives.
    public static let initialBytes = 256 << 10

    public var stream: String
    /// Bytes, before base 64.
    public var bytes: Int

    public init(
        stream: String, bytes: Int
    ) {
        self.stream = stream
        self.bytes = bytes
    }
}
