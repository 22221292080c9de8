/// A link as the API shows it: what the consumer sees of the source, and where each item comes from.
public struct Link: Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable {
        /// The consumer does not run.
        case inactive
        /// Applied.
        case active
        /// The source does not run: names and addresses are its last ones, the path is closed.
        case sourceDown
        /// The source does not exist: not any more, or not yet.
        case sourceGone
        /// Not a link: what one would be.
        case planned
    }

    /// Empty for what is only planned.
    public var id: String
    /// The consumer's name.
    public var consumer: String
    public var alias: String
    /// The source's name; its id where it no longer exists.
    public var source: String
    public var provider: String
    public var options: [String: String]
    public var state: State
    /// Values are masked where `sensitive`, unless secrets were asked for.
    public var env: [LinkVariable]
    public var hosts: [LinkHostsEntry]
    public var files: [LinkFile]
    public var firewall: [LinkPortRule]
    /// Source variables that an option held back.
    public var withheld: [String]
    /// Variables that the next start of the consumer will change.
    public var pending: [String]
    /// For people: inherited variables that look secret (names only), what could not be known.
    public var warnings: [String]

    public init(
        id: String, consumer: String, alias: String, source: String, provider: String, options: [String: String] = [:],
        state: State, env: [LinkVariable] = [], hosts: [LinkHostsEntry] = [], files: [LinkFile] = [],
        firewall: [LinkPortRule] = [], withheld: [String] = [], pending: [String] = [], warnings: [String] = []
    ) {
        self.id = id
        self.consumer = consumer
        self.alias = alias
        self.source = source
        self.provider = provider
        self.options = options
        self.state = state
        self.env = env
        self.hosts = hosts
        self.files = files
        self.firewall = firewall
        self.withheld = withheld
        self.pending = pending
        self.warnings = warnings
    }
}

/// A variable that a link sets in its consumer.
public struct LinkVariable: Codable, Sendable, Equatable {
    public var name: String
    public var value: String
    /// Where it comes from, for `link.inspect`: `port 3306/tcp`, `env MYSQL_ROOT_PASSWORD`.
    public var from: String?
    /// Whether its value looks secret.
    public var sensitive: Bool?
    /// For `link.inspect`: whether the consumer's own configuration has a say on it, which wins.
    public var overridden: Bool?

    public init(
        name: String, value: String, from: String? = nil, sensitive: Bool? = nil, overridden: Bool? = nil
    ) {
        self.name = name
        self.value = value
        self.from = from
        self.sensitive = sensitive
        self.overridden = overridden
    }
}

/// A line of the consumer's hosts file.
public struct LinkHostsEntry: Codable, Sendable, Equatable {
    public var address: String
    public var names: [String]
    /// Where both come from, for `link.inspect`.
    public var from: String?

    public init(
        address: String, names: [String] = [], from: String? = nil
    ) {
        self.address = address
        self.names = names
        self.from = from
    }
}

/// A file below `/run/kenter/links/<alias>/`.
public struct LinkFile: Codable, Sendable, Equatable {
    /// Relative to that directory.
    public var path: String
    /// Permission bits, octal: `0444`.
    public var mode: String
    public var content: String
    /// Where its content comes from, for `link.inspect`: `port 3306/tcp`.
    public var from: String?

    public init(
        path: String, mode: String, content: String, from: String? = nil
    ) {
        self.path = path
        self.mode = mode
        self.content = content
        self.from = from
    }
}

/// Ports of the source that the consumer may reach.
public struct LinkPortRule: Codable, Sendable, Equatable {
    public var `protocol`: Port.TransportProtocol
    /// Numbers and ranges: `80`, `7000-7010`.
    public var ports: [String]
    /// Why they are open, for `link.inspect`.
    public var from: String?

    public init(
        `protocol`: Port.TransportProtocol, ports: [String] = [], from: String? = nil
    ) {
        self.`protocol` = `protocol`
        self.ports = ports
        self.from = from
    }
}
