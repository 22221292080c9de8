import JSONRPC

/// Where a plugin listens that was started elsewhere: a port of 127.0.0.1.
struct PluginAddress: Sendable, Equatable, CustomStringConvertible {
    let port: UInt16

    /// `127.0.0.1:7071`.
    init(_ text: String) throws(JSONShapeError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            throw JSONShapeError(path: "address", detail: "'\(text)' is no address such as 127.0.0.1:7071")
        }
        guard text[..<colon] == "127.0.0.1" else {
            throw JSONShapeError(path: "address", detail: "a plugin listens on 127.0.0.1, not on '\(text[..<colon])'")
        }
        self.port = port
    }

    /// The address in a plugin's path; `nil` for an executable.
    init?(path: String) {
        guard path.hasPrefix("tcp://"),
            let address = try? PluginAddress(String(path.dropFirst(6)))  // A path like any other.
        else { return nil }
        self = address
    }

    var description: String { "127.0.0.1:\(port)" }
}
