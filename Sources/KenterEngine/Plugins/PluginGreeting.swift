import JSONRPC
import KenterProtocol

/// What the engine makes of a plugin's answer to hello; everything in it is the plugin's word only.
struct PluginGreeting: Sendable {
    /// As it came, without what was only for this once.
    let manifest: PluginHello.Result
    let version: String
    let roles: [ProviderRole: PluginHello.Role]
    let events: Set<String>
    /// Calls at once.
    let concurrency: Int

    /// What proves to a plugin at an address that this engine knows the secret too.
    var engineProof: String?

    static let largestConcurrency = 256
    static let defaultConcurrency = 16

    /// Throws when the plugin cannot work with this engine or on this host.
    init(
        _ answer: PluginHello.Result, protocols: PluginHello.Versions,
        allowed: Set<ProviderRole> = Set(ProviderRole.allCases)
    ) throws(PluginRefusal) {
        guard (protocols.min...protocols.max).contains(answer.protocol) else {
            throw Self.noCommonVersion(protocols, "the plugin \(answer.protocol)")
        }
        if let reason = answer.disable {
            throw PluginRefusal("it cannot work on this host: \(LogText.escape(reason, limit: 1024))")
        }
        var known: [ProviderRole: PluginHello.Role] = [:]
        for (name, role) in answer.roles { if let kind = ProviderRole(rawValue: name) { known[kind] = role } }
        if !known.isEmpty, allowed.isDisjoint(with: known.keys) {
            throw PluginRefusal("it plays none of the roles that it may play")
        }
        known = known.filter { allowed.contains($0.key) }
        guard !known.isEmpty else {
            let names = ProviderRole.allCases.map { "'\($0)'" }.joined(separator: ", ")
            throw PluginRefusal("it plays no role that this engine knows: it must be one of \(names)")
        }
        let concurrency = answer.concurrency ?? Self.defaultConcurrency
        guard concurrency > 0 else { throw PluginRefusal("it says that it works on \(concurrency) calls at once") }
        var manifest = answer
        (manifest.nonce, manifest.proof) = (nil, nil)
        self.manifest = manifest
        version = LogText.escape(answer.plugin.version, limit: 64)
        roles = known
        events = Set(answer.events ?? [])
        self.concurrency = min(concurrency, Self.largestConcurrency)
    }

    /// The refusal in an error that hello was answered with; `nil` for an error that may pass.
    static func refusal(in error: RPCError, protocols: PluginHello.Versions) -> PluginRefusal? {
        guard error.kind.code == RPCError.Kind.unsupportedProtocol.code else { return nil }
        return noCommonVersion(protocols, "the plugin answers: \(LogText.escape(error.message, limit: 1024))")
    }

    private static func noCommonVersion(_ protocols: PluginHello.Versions, _ theirs: String) -> PluginRefusal {
        PluginRefusal(
            "no version of the plugin contract is common to both: the engine speaks \(protocols.min) to "
                + "\(protocols.max), \(theirs); update one of them")
    }
}
