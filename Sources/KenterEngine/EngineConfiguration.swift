import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Netlink

/// What `config.json` may say; a missing file or key means its default.
package struct EngineConfiguration: Sendable {
    struct Bridge: Codable, Sendable {
        var subnet: String?
        var ipv6Subnet: String?
        var icc: Bool

        var json: JSONObject {
            var object: JSONObject = ["icc": .bool(icc)]
            if let subnet { object["subnet"] = .string(subnet) }
            if let ipv6Subnet { object["ipv6Subnet"] = .string(ipv6Subnet) }
            return object
        }
    }

    var defaultProviders: [String: String]
    var plugins: [String: JSONObject]
    var bridge: Bridge
    /// URLs of mirrors of Docker Hub, asked in order before it.
    var registryMirrors: [String]
    var dns: [String]
    package var logLevel: String
    var limits: [String: Int]

    /// The file's own shape: everything may be missing, nothing may be unknown.
    private struct File: Codable {
        struct Bridge: Codable {
            var subnet: String?
            var ipv6Subnet: String?
            var icc: Bool?
        }

        var defaultProviders: [String: String]?
        var plugins: [String: JSONObject]?
        var bridge: Bridge?
        var registryMirrors: [String]?
        var dns: [String]?
        var logLevel: String?
        var limits: [String: Int]?
    }

    private static let examples: [IPAddress.Family: String] = [.ipv4: "172.17.0.0/16", .ipv6: "fd00:17::/64"]
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Reads the file at `path`; an unknown key or a wrong value is an error that names it.
    package static func read(_ path: String) throws -> EngineConfiguration {
        guard let text = SmallFile.readText(path, limitBytes: 1 << 20) else {
            guard access(path, F_OK) != 0, errno == ENOENT else {
                throw RPCError.system("read the configuration", path)
            }
            return try EngineConfiguration(File())
        }
        do {
            // Not as deep as a line may be: engine.info has it within its result.
            let value = try JSONScanner.scan(text.utf8, limits: JSONLimits(depth: 48))
            return try EngineConfiguration(JSONValueDecoder(refusesUnknownMembers: true).decode(File.self, from: value))
        } catch {
            throw RPCError(.invalidParams, "the configuration \(path) is not valid: \(error)")
        }
    }

    private init(_ file: File) throws {
        for role in (file.defaultProviders ?? [:]).keys where ProviderRole(rawValue: role) == nil {
            throw JSONShapeError(
                path: "defaultProviders.\(role)", detail: "no such role; there are network, storage, link")
        }
        defaultProviders = file.defaultProviders ?? [:]
        plugins = file.plugins ?? [:]
        bridge = Bridge(
            subnet: file.bridge?.subnet, ipv6Subnet: file.bridge?.ipv6Subnet, icc: file.bridge?.icc ?? false)
        for (key, text, family) in [
            ("subnet", bridge.subnet, IPAddress.Family.ipv4), ("ipv6Subnet", bridge.ipv6Subnet, .ipv6),
        ] {
            guard let text, IPPrefix(text)?.address.family != family else { continue }
            throw JSONShapeError(
                path: "bridge.\(key)", detail: "'\(text)' is no subnet such as \(Self.examples[family] ?? "")")
        }
        registryMirrors = file.registryMirrors ?? []
        dns = file.dns ?? []
        for (index, address) in dns.enumerated() where IPAddress(address) == nil {
            throw JSONShapeError(path: "dns[\(index)]", detail: "'\(address)' is not an ip address")
        }
        logLevel = file.logLevel ?? "notice"
        guard Self.logLevels.contains(logLevel) else {
            throw JSONShapeError(
                path: "logLevel", detail: "'\(logLevel)' is none of \(Self.logLevels.joined(separator: ", "))")
        }
        limits = file.limits ?? [:]
        for (name, value) in limits {
            guard let least = EngineLimitTable.adjustable[name] else {
                let names = EngineLimitTable.adjustable.keys.sorted().joined(separator: ", ")
                throw JSONShapeError(path: "limits.\(name)", detail: "no such limit; there are \(names)")
            }
            guard value >= least else {
                throw JSONShapeError(path: "limits.\(name)", detail: "\(value) is too small: use \(least) or more")
            }
        }
    }

    /// What is in force, for `engine.info`: what the file leaves open is filled in.
    ///
    /// - Parameters:
    ///   - providers: Role → the provider that is its default now.
    ///   - bridge: The default network as it is; `nil` while there is none.
    func json(providers: [String: String], bridge: NetworkRecord?, limits: EngineLimitTable) -> JSONObject {
        let providers = defaultProviders.merging(providers) { $1 }
        let limits = limits.adjusted.sorted { $0.key < $1.key }
        return [
            "defaultProviders": .object(
                JSONObject(providers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "plugins": .object(JSONObject(plugins.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) })),
            "bridge": .object((bridge.map(Self.bridge) ?? self.bridge).json),
            "registryMirrors": .array(registryMirrors.map { .string($0) }),
            "dns": .array(dns.map { .string($0) }),
            "logLevel": .string(logLevel),
            "limits": .object(JSONObject(limits.map { ($0.key, .integer(Int64($0.value))) })),
        ]
    }

    private static func bridge(_ network: NetworkRecord) -> Bridge {
        Bridge(
            subnet: network.spec.subnet, ipv6Subnet: network.spec.ipv6Subnet, icc: !(network.spec.isolated ?? false))
    }
}
