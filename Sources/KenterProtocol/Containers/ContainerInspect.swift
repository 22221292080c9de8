public import JSONRPC

/// All there is to know about a container.
///
/// Fails with `notFound`.
public struct ContainerInspect: RPCMethod {
    public static let name = "container.inspect"

    /// A name, id, unambiguous id prefix or link path (`web/db`).
    public var container: String

    public typealias Result = Container

    public init(
        container: String
    ) {
        self.container = container
    }
}

/// A container as the API shows it.
public struct Container: Codable, Sendable {
    public struct Configuration: Codable, Sendable {
        /// The image's and the container's own variables; link variables are not part of it.
        public var env: [String]
        public var command: [String]
        public var entrypoint: [String]
        public var user: String
        public var workdir: String
        public var hostname: String
        public var labels: [String: String]
        public var exposedPorts: [String]
        public var volumes: [String]
        public var tty: Bool
        public var stdinOpen: Bool
        public var stopSignal: String
        public var stopTimeoutSeconds: Int
        public var extraHosts: [String]
        public var dns: [String]
        public var readOnly: Bool
        public var privileged: Bool
        /// Whether an init is its first process; missing where none was asked for.
        public var `init`: Bool?
        public var capAdd: [String]
        public var capDrop: [String]
        public var autoRemove: Bool
        public var healthcheck: Healthcheck?

        public init(
            env: [String] = [], command: [String] = [], entrypoint: [String] = [], user: String, workdir: String,
            hostname: String, labels: [String: String] = [:], exposedPorts: [String] = [], volumes: [String] = [],
            tty: Bool, stdinOpen: Bool, stopSignal: String, stopTimeoutSeconds: Int, extraHosts: [String] = [],
            dns: [String] = [], readOnly: Bool, privileged: Bool, `init`: Bool? = nil, capAdd: [String] = [],
            capDrop: [String] = [],
            autoRemove: Bool, healthcheck: Healthcheck? = nil
        ) {
            self.env = env
            self.command = command
            self.entrypoint = entrypoint
            self.user = user
            self.workdir = workdir
            self.hostname = hostname
            self.labels = labels
            self.exposedPorts = exposedPorts
            self.volumes = volumes
            self.tty = tty
            self.stdinOpen = stdinOpen
            self.stopSignal = stopSignal
            self.stopTimeoutSeconds = stopTimeoutSeconds
            self.extraHosts = extraHosts
            self.dns = dns
            self.readOnly = readOnly
            self.privileged = privileged
            self.`init` = `init`
            self.capAdd = capAdd
            self.capDrop = capDrop
            self.autoRemove = autoRemove
            self.healthcheck = healthcheck
        }
    }

    public struct State: Codable, Sendable {
        public var status: ContainerStatus
        /// Of the main process on the host.
        public var pid: Int?
        public var exitCode: Int?
        /// RFC 3339, UTC.
        public var startedAt: String?
        public var finishedAt: String?
        /// Since its last start, where it has a healthcheck.
        public var health: ContainerHealth?
        /// Why it is not running, or what its start waits for, where that needs words.
        public var reason: String?
        public var oomKilled: Bool?
        public var restartCount: Int

        public init(
            status: ContainerStatus, pid: Int? = nil, exitCode: Int? = nil, startedAt: String? = nil,
            finishedAt: String? = nil, health: ContainerHealth? = nil, reason: String? = nil, oomKilled: Bool? = nil,
            restartCount: Int
        ) {
            self.status = status
            self.pid = pid
            self.exitCode = exitCode
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.health = health
            self.reason = reason
            self.oomKilled = oomKilled
            self.restartCount = restartCount
        }
    }

    public struct Network: Codable, Sendable {
        public var ipv4: String?
        public var ipv6: String?
        public var mac: String?
        public var gateway: String?
        /// The interface's name in the container; missing while it does not run, as are the addresses.
        public var interface: String?
        /// Further names of the container in this network.
        public var aliases: [String]

        public init(
            ipv4: String? = nil, ipv6: String? = nil, mac: String? = nil, gateway: String? = nil,
            interface: String? = nil, aliases: [String] = []
        ) {
            self.ipv4 = ipv4
            self.ipv6 = ipv6
            self.mac = mac
            self.gateway = gateway
            self.interface = interface
            self.aliases = aliases
        }
    }

    public struct Mount: Codable, Sendable {
        public var type: MountRequest.Kind
        /// A volume's name.
        public var name: String?
        /// On the host.
        public var source: String?
        public var target: String
        public var readOnly: Bool

        public init(
            type: MountRequest.Kind, name: String? = nil, source: String? = nil, target: String, readOnly: Bool
        ) {
            self.type = type
            self.name = name
            self.source = source
            self.target = target
            self.readOnly = readOnly
        }
    }

    public var id: String
    public var name: String
    public var names: [String]
    public var image: String
    public var imageId: String
    public var createdAt: String
    public var config: Configuration
    public var state: State
    /// A network's name, `host`, `none` or `container:ID`.
    public var networkMode: String
    public var networks: [String: Network]
    /// As requested, in the form of `container.create`.
    public var publish: [String]
    public var ports: [Port]
    /// `/source:/consumer/alias`, in the order given.
    public var links: [String]
    public var mounts: [Mount]
    public var restart: RestartPolicy
    public var resources: Resources
    public var hostsPath: String
    public var logPath: String

    public init(
        id: String, name: String, names: [String] = [], image: String, imageId: String, createdAt: String,
        config: Configuration, state: State, networkMode: String, networks: [String: Network] = [:],
        publish: [String] = [], ports: [Port] = [], links: [String] = [], mounts: [Mount] = [], restart: RestartPolicy,
        resources: Resources, hostsPath: String, logPath: String
    ) {
        self.id = id
        self.name = name
        self.names = names
        self.image = image
        self.imageId = imageId
        self.createdAt = createdAt
        self.config = config
        self.state = state
        self.networkMode = networkMode
        self.networks = networks
        self.publish = publish
        self.ports = ports
        self.links = links
        self.mounts = mounts
        self.restart = restart
        self.resources = resources
        self.hostsPath = hostsPath
        self.logPath = logPath
    }
}
