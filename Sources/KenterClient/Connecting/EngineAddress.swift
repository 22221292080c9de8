import CLinux
import Glibc

/// Where an engine is to be found.
public enum EngineAddress: Sendable, Equatable, CustomStringConvertible {
    /// `unix:///run/kenter/kenter.sock`: a Unix socket.
    case unix(path: String)
    /// `tcp://127.0.0.1:7400`: a TCP port of this machine. The cookie is read from `<run>/cookie`, or from the file that
    /// follows as the path: `tcp://127.0.0.1:7400/home/ann/run/cookie`.
    case tcp(host: String, port: UInt16, cookie: String?)
    /// `stdio:`: a `kenterd --stdio` of one's own. What follows are its further arguments, separated by spaces:
    /// `stdio:--root /srv/kenter`.
    case stdio(arguments: [String])

    /// Reads one of the forms above; fails with a sentence that names the text.
    public init(parsing text: String) throws(EngineConnectError) {
        if let path = Self.rest(of: text, after: "unix://"), path.hasPrefix("/") {
            self = .unix(path: path)
        } else if let rest = Self.rest(of: text, after: "tcp://") {
            self = try Self.tcp(rest, in: text)
        } else if let rest = Self.rest(of: text, after: "stdio:") {
            self = .stdio(arguments: rest.split(separator: " ").map(String.init))
        } else {
            throw EngineConnectError(
                .invalidAddress,
                "invalid engine address '\(text)': use unix:///PATH, tcp://127.0.0.1:PORT or stdio:")
        }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func tcp(_ rest: String, in text: String) throws(EngineConnectError) -> EngineAddress {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let cookie = slash == rest.endIndex ? nil : String(rest[slash...])
        let authority = rest[..<slash]
        guard let colon = authority.lastIndex(of: ":"), let port = UInt16(authority[authority.index(after: colon)...]),
            port > 0
        else { throw EngineConnectError(.invalidAddress, "invalid engine address '\(text)': the port is missing") }
        let host = authority[..<colon]
        // Anywhere else the cookie would travel in the clear: such an engine is reached through a tunnel.
        guard ["127.0.0.1", "localhost", "[::1]"].contains(host) else {
            throw EngineConnectError(
                .invalidAddress,
                "invalid engine address '\(text)': only 127.0.0.1 and [::1] are possible; tunnel with ssh to go further"
            )
        }
        return .tcp(host: host == "localhost" ? "127.0.0.1" : String(host), port: port, cookie: cookie)
    }

    /// The engine of this user: `/run/kenter/kenter.sock` for root, else `kenter/kenter.sock` in `XDG_RUNTIME_DIR`.
    public static var standard: EngineAddress { .unix(path: "\(runDirectory)/kenter.sock") }

    /// The run directory of this user's engine.
    static var runDirectory: String {
        let user = getuid()
        if user == 0 { return "/run/kenter" }
        if let directory = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), directory.hasPrefix("/") {
            return "\(directory)/kenter"
        }
        return "/run/user/\(user)/kenter"
    }

    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port, let cookie): "tcp://\(host):\(port)\(cookie ?? "")"
        case .stdio(let arguments): "stdio:\(arguments.joined(separator: " "))"
        }
    }
}
