public import JSONRPC

/// The first call a plugin gets. Answered without configuration, privileges or side effects.
public struct PluginHello: RPCMethod {
    public static let name = "plugin.hello"

    public struct Versions: Codable, Sendable, Equatable {
        public var min: Int
        public var max: Int

        public init(
            min: Int, max: Int
        ) {
            self.min = min
            self.max = max
        }
    }

    public struct Identity: Codable, Sendable, Equatable {
        public var name: String
        public var version: String
        public var homepage: String?

        public init(
            name: String, version: String, homepage: String? = nil
        ) {
            self.name = name
            self.version = version
            self.homepage = homepage
        }
    }

    public struct Limits: Codable, Sendable, Equatable {
        public var lineBytes: Int
        public var stateBytes: Int

        public init(
            lineBytes: Int, stateBytes: Int
        ) {
            self.lineBytes = lineBytes
            self.stateBytes = stateBytes
        }
    }

    public struct Role: Codable, Sendable, Equatable {
        public var capabilities: [String]?
        /// Link role: patterns of the variables it may set, beyond those of its alias.
        public var produces: JSONObject?

        public init(
            capabilities: [String]? = nil, produces: JSONObject? = nil
        ) {
            self.capabilities = capabilities
            self.produces = produces
        }
    }

    /// Role → what it offers; the names are `network`, `storage` and `link`.
    public typealias Roles = [String: Role]

    /// Contract versions that the engine speaks.
    public var `protocol`: Versions
    public var engine: Identity
    /// Short id of the engine's root: 4 hexadecimal digits, for names of host objects.
    public var instance: String
    public var limits: Limits
    /// For a plugin at an address: 64 hexadecimal digits, to be answered with a proof that it knows the secret.
    public var nonce: String?

    public struct Result: Codable, Sendable {
        /// The highest version both speak.
        public var `protocol`: Int
        public var plugin: Identity
        public var roles: Roles
        public var events: [String]?
        /// How many calls it works on at once; 16 where missing.
        public var concurrency: Int?
        /// Why it cannot work on this host.
        public var disable: String?
        /// At an address: its own, at least 32 characters.
        public var nonce: String?
        /// At an address: HMAC-SHA-256 of `kenter-plugin:ENGINE-NONCE:PLUGIN-NONCE`, 64 hexadecimal digits.
        public var proof: String?

        public init(
            `protocol`: Int, plugin: Identity, roles: Roles, events: [String]? = nil, concurrency: Int? = nil,
            disable: String? = nil, nonce: String? = nil, proof: String? = nil
        ) {
            self.`protocol` = `protocol`
            self.plugin = plugin
            self.roles = roles
            self.events = events
            self.concurrency = concurrency
            self.disable = disable
            self.nonce = nonce
            self.proof = proof
        }
    }

    public init(
        `protocol`: Versions, engine: Identity, instance: String, limits: Limits, nonce: String? = nil
    ) {
        self.`protocol` = `protocol`
        self.engine = engine
        self.instance = instance
        self.limits = limits
        self.nonce = nonce
    }
}
