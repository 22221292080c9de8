import CLinux
import Glibc
import KenterClient

/// Which engine a command talks to.
struct EngineOptions {
    static let help =
        "The engine: unix:///PATH, tcp://127.0.0.1:PORT[/COOKIE] or stdio: (default: KENTER_HOST, else this user's own)."

    private let host: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        host = arguments.value("host", "H", "address", Self.help) ?? arguments.engineAddress
    }

    init(_ host: String?) {
        self.host = host
    }

    func connect() async throws(EngineConnectError) -> EngineClient {
        try await EngineClient.connect(to: address())
    }

    func address() throws(EngineConnectError) -> EngineAddress {
        guard let text = host ?? Environment.value("KENTER_HOST"), !text.isEmpty else { return .standard }
        return try EngineAddress(parsing: text)
    }
}

/// Variables of this process.
enum Environment {
    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
