import ArgumentParser
import Glibc
import KenterClient

/// Which engine a command talks to.
struct EngineOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("H")],
        help: ArgumentHelp(
            "The engine: unix:///PATH, tcp://127.0.0.1:PORT or stdio: (default: KENTER_HOST, else this user's own).",
            valueName: "address"))
    var host: String?

    var address: EngineAddress {
        get throws {
            guard let text = host ?? Environment.value("KENTER_HOST"), !text.isEmpty else { return .standard }
            return try EngineAddress(parsing: text)
        }
    }

    func connect() async throws -> EngineClient { try await EngineClient.connect(to: address) }
}

/// Variables of this process.
enum Environment {
    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
