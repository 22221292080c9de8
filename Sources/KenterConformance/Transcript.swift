/// What was said in the conversations of one check, for people.
final class Transcript {
    private static let keptLines = 24
    private static let lineBytes = 400

    private(set) var lines: [String] = []

    /// - Parameter mark: `→` to the plugin, `←` from it, `!` from its standard error, `·` what the kit did.
    func add(_ mark: String, _ bytes: some Collection<UInt8>) {
        let cut = bytes.count > Self.lineBytes
        let text = String(decoding: bytes.prefix(Self.lineBytes), as: UTF8.self)
        if lines.count == Self.keptLines { lines.removeFirst() }
        lines.append("\(mark) \(text)\(cut ? "… (\(bytes.count) bytes)" : "")")
    }

    func note(_ text: String) { add("·", Array(text.utf8)) }
    func clear() { lines = [] }
}
