import Glibc
import SHA2

/// What an engine and a plugin that was started elsewhere both know, and prove to each other without saying it.
///
/// Each sends a nonce. The plugin answers `plugin.hello` with the HMAC-SHA-256 of `kenter-plugin:E:P` under the secret,
/// E being the engine's nonce and P its own; the engine answers in `plugin.configure` with that of `kenter-engine:P:E`.
struct PluginSecret: Sendable {
    private static let blockBytes = 64
    static let leastBytes = 32
    let bytes: [UInt8]

    /// Reads the secret, which nobody but root and the engine's user may be able to read.
    init(at path: String, trust: PluginTrust) throws(PluginRefusal) {
        var bytes = try PluginExecutable.content(of: path, trust: trust, limitBytes: 4096)
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw PluginRefusal("\(path) holds a secret and may be read by others: give it the mode 0600")
        }
        guard bytes.count >= Self.leastBytes else {
            throw PluginRefusal("\(path) must hold a secret of at least \(Self.leastBytes) bytes")
        }
        self.bytes = bytes
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return SHA256.hex((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    func pluginProof(engine: String, plugin: String) -> String { code("kenter-plugin:\(engine):\(plugin)") }
    func engineProof(engine: String, plugin: String) -> String { code("kenter-engine:\(plugin):\(engine)") }

    /// HMAC-SHA-256 (RFC 2104) as 64 hexadecimal digits.
    func code(_ text: String) -> String {
        var key = bytes.count > Self.blockBytes ? Self.digest(bytes) : bytes
        key += [UInt8](repeating: 0, count: Self.blockBytes - key.count)
        let inner = Self.digest(key.map { $0 ^ 0x36 } + Array(text.utf8))
        return SHA256.hex(Self.digest(key.map { $0 ^ 0x5c } + inner))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        let digest = SHA256()
        digest.update(bytes)
        return digest.finalize()
    }

    /// Compares in a time that depends on the lengths only.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
