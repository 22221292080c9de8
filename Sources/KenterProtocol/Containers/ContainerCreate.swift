public import JSONRPC

/// Makes a container without starting it.
///
/// Everything is checked before anything is made: a refused call leaves nothing behind, and has Docker's text where
/// Docker has one.
///
/// Fails with `notFound` (no such image, network, container or plugin), `alreadyExists` (the name is taken),
/// `conflict`, `precondition`, `pending`, `exhausted`, `forbidden` (a bind of the engine's own files),
/// `unavailable`, `unsupported`, `pluginCrashed`, `pluginProtocol`.
public struct ContainerCreate: RPCMethod, Equatable {
    public static let name = "container.create"

    /// A reference, or an image's id or an unambiguous prefix of it.
    public var image: String
    /// 2 to 128 characters `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; made up where missing.
    public var name: String?
    /// Replaces the image's command.
    public var command: [String]?
    /// Replaces the image's entry point and drops its command; `[]` or `[""]` removes it.
    public var entrypoint: [String]?
    /// `NAME=VALUE`; `NAME` alone removes a variable that the image or a link would set.
    public var env: [String]?
    public var labels: [String: String]?
    /// Up to 253 characters, labels of up to 63; the short id where missing.
    public var hostname: String?
    /// `user[:group]`, names or numbers.
    public var user: String?
    public var workdir: String?
    /// Whether the process gets a terminal.
    public var tty: Bool?
    /// Whether its standard input stays open.
    public var stdinOpen: Bool?
    /// `[hostAddress:][hostPort:]containerPort[/protocol]`, ports also as ranges `7000-7010`.
    public var publish: [String]?
    /// Whether every exposed port is published on a free host port.
    public var publishAll: Bool?
    /// `80/tcp`, `7000-7010/udp`.
    public var expose: [String]?
    /// `source[:alias][,option=value…]`.
    public var links: [String]?
    /// A network's name, `host`, `none` or `container:NAME`; the default network `bridge` where missing.
    public var network: String?
    public var mounts: [MountRequest]?
    /// `NAME[:ro]`: every volume and bind of these containers.
    public var volumesFrom: [String]?
    /// Further names of the container in its network.
    public var networkAliases: [String]?
    /// The IPv4 address it asks for on its network.
    public var ip: String?
    /// The IPv6 address it asks for.
    public var ip6: String?
    /// Networks that it joins besides `network`, in this order; that one is a network then, too.
    public var furtherNetworks: [MembershipRequest]?
    /// Services of the host that it may reach: `5432/tcp`, `7000-7010/udp`; at most 1024 ports in all.
    public var hostPorts: [String]?
    public var restart: RestartPolicy?
    public var resources: Resources?
    /// Whether its root filesystem is read-only.
    public var readOnly: Bool?
    /// Capabilities with or without `CAP_`, or `ALL`.
    public var capAdd: [String]?
    public var capDrop: [String]?
    public var privileged: Bool?
    /// Whether a small init reaps orphans and forwards signals.
    public var `init`: Bool?
    /// Resolvers in place of the host's.
    public var dns: [String]?
    /// `NAME:ADDRESS` lines of its hosts file.
    public var extraHosts: [String]?
    /// `SIGTERM`, `TERM` or `15`.
    public var stopSignal: String?
    /// How long `stop` waits before it kills; 10 where missing.
    public var stopTimeoutSeconds: Int?
    public var healthcheck: Healthcheck?
    /// Whether it is removed, with its unnamed volumes, once it has exited.
    public var autoRemove: Bool?
    /// Whether a bind mount may hold the engine's own directories, socket or cookie.
    public var engineAccess: Bool?

    public struct Result: Codable, Sendable {
        public var id: String
        public var name: String
        /// For people: what was left out, which inherited variables look secret (names only).
        public var warnings: [String]

        public init(
            id: String, name: String, warnings: [String] = []
        ) {
            self.id = id
            self.name = name
            self.warnings = warnings
        }
    }

    public init(
        image: String, name: String? = nil, command: [String]? = nil, entrypoint: [String]? = nil, env: [String]? = nil,
        labels: [String: String]? = nil, hostname: String? = nil, user: String? = nil, workdir: String? = nil,
        tty: Bool? = nil, stdinOpen: Bool? = nil, publish: [String]? = nil, publishAll: Bool? = nil,
        expose: [String]? = nil, links: [String]? = nil, network: String? = nil, mounts: [MountRequest]? = nil,
        volumesFrom: [String]? = nil, networkAliases: [String]? = nil, ip: String? = nil, ip6: String? = nil,
        furtherNetworks: [MembershipRequest]? = nil, hostPorts: [String]? = nil, restart: RestartPolicy? = nil,
        resources: Resources? = nil, readOnly: Bool? = nil, capAdd: [String]? = nil, capDrop: [String]? = nil,
        privileged: Bool? = nil, `init`: Bool? = nil, dns: [String]? = nil, extraHosts: [String]? = nil,
        stopSignal: String? = nil, stopTimeoutSeconds: Int? = nil, healthcheck: Healthcheck? = nil,
        autoRemove: Bool? = nil, engineAccess: Bool? = nil
    ) {
        self.image = image
        self.name = name
        self.command = command
        self.entrypoint = entrypoint
        self.env = env
        self.labels = labels
        self.hostname = hostname
        self.user = user
        self.workdir = workdir
        self.tty = tty
        self.stdinOpen = stdinOpen
        self.publish = publish
        self.publishAll = publishAll
        self.expose = expose
        self.links = links
        self.network = network
        self.mounts = mounts
        self.volumesFrom = volumesFrom
        self.networkAliases = networkAliases
        self.ip = ip
        self.ip6 = ip6
        self.furtherNetworks = furtherNetworks
        self.hostPorts = hostPorts
        self.restart = restart
        self.resources = resources
        self.readOnly = readOnly
        self.capAdd = capAdd
        self.capDrop = capDrop
        self.privileged = privileged
        self.`init` = `init`
        self.dns = dns
        self.extraHosts = extraHosts
        self.stopSignal = stopSignal
        self.stopTimeoutSeconds = stopTimeoutSeconds
        self.healthcheck = healthcheck
        self.autoRemove = autoRemove
        self.engineAccess = engineAccess
    }
}
