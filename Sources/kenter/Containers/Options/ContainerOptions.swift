/// What `kenter run` and `kenter create` say about a container.
struct ContainerOptions {
    let addHost: [String]
    let capAdd: [String]
    let capDrop: [String]
    let cpus: String?
    let dns: [String]
    let engineAccess: Bool
    let entrypoint: String?
    let env: [String]
    let envFile: [String]
    let expose: [String]
    let healthCmd: String?
    let healthInterval: String?
    let healthRetries: Int?
    let healthStartInterval: String?
    let healthStartPeriod: String?
    let healthTimeout: String?
    let hostPort: [String]
    let hostname: String?
    let `init`: Bool
    let interactive: Bool
    let ip: String?
    let ip6: String?
    let label: [String]
    let link: [String]
    let memory: String?
    let mount: [String]
    let name: String?
    let network: [String]
    let networkAlias: [String]
    let noHealthcheck: Bool
    let pidsLimit: Int64?
    let privileged: Bool
    let publish: [String]
    let publishAll: Bool
    let pull: PullPolicy
    let quiet: Bool
    let readOnly: Bool
    let restart: String?
    let rm: Bool
    let stopSignal: String?
    let stopTimeout: Int?
    let tmpfs: [String]
    let tty: Bool
    let user: String?
    let volume: [String]
    let volumesFrom: [String]
    let workdir: String?
    let imageAndCommand: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        addHost = arguments.values(
            "add-host", "value",
            "Add a line to its hosts file (name:address; host-gateway is the host, which --host-port opens).")
        capAdd = arguments.values("cap-add", "value", "Add a capability.")
        capDrop = arguments.values("cap-drop", "value", "Drop a capability.")
        cpus = arguments.value("cpus", "value", "How many processors it may use, such as 1.5.")
        dns = arguments.values("dns", "value", "A name server in place of the host's.")
        engineAccess = arguments.flag("engine-access", "Let a bind mount hold the engine's own socket or directories.")
        entrypoint = arguments.value("entrypoint", "value", "Replace the image's entry point.")
        env = arguments.values("env", "e", "value", "Set a variable (name=value, or name to pass it on).")
        envFile = arguments.values("env-file", "value", "Read variables from a file.")
        expose = arguments.values("expose", "value", "Expose a port or a range of ports (80/tcp).")
        healthCmd = arguments.value("health-cmd", "value", "Command that checks its health.")
        healthInterval = arguments.value("health-interval", "value", "Time between checks (30s).")
        healthRetries = try arguments.integer("health-retries", "Failures in a row that make it unhealthy.")
        healthStartInterval = arguments.value(
            "health-start-interval", "value", "Time between checks in the start period (5s).")
        healthStartPeriod = arguments.value("health-start-period", "value", "Time in which failures do not count (0s).")
        healthTimeout = arguments.value("health-timeout", "value", "Longest time a check may take (30s).")
        hostPort = arguments.values("host-port", "value", "Let it reach a service of the host (5432/tcp).")
        hostname = arguments.value("hostname", "h", "value", "Its host name.")
        `init` = arguments.flag("init", "Run a small init that reaps processes and forwards signals.")
        interactive = arguments.flag("interactive", "i", "Keep its standard input open.")
        ip = arguments.value("ip", "value", "The IPv4 address it asks for on its first network.")
        ip6 = arguments.value("ip6", "value", "The IPv6 address it asks for on its first network.")
        label = arguments.values("label", "l", "value", "Set a label (name=value).")
        link = arguments.values(
            "link", "value",
            "Link to another container (source[:alias][,option=value]; 'kenter link create --help' lists the options).")
        memory = arguments.value("memory", "m", "value", "Limit its memory (64m, 1g).")
        mount = arguments.values(
            "mount", "value",
            "Mount something: type=bind|volume|tmpfs, source=…, target=… and readonly, by commas.")
        name = arguments.value("name", "value", "Its name.")
        network = arguments.values(
            "network", "value",
            "A network: a name, host, none or container:NAME; or name=…[,alias=…][,ip=…][,ip6=…].", synonyms: ["net"])
        networkAlias = arguments.values(
            "network-alias", "value", "A further name of it in its first network.", synonyms: ["net-alias"])
        noHealthcheck = arguments.flag("no-healthcheck", "Do not run the image's health check.")
        pidsLimit = try arguments.integer("pids-limit", "Limit how many processes and threads it may have.")
        privileged = arguments.flag("privileged", "Give it every capability and device.")
        publish = arguments.values("publish", "p", "value", "Publish a port ([address:][port:]port[/protocol]).")
        publishAll = arguments.flag("publish-all", "P", "Publish every exposed port on a free one.")
        pull = try arguments.choice("pull", "When to pull the image: missing, always or never.") ?? .missing
        quiet = arguments.flag("quiet", "q", "Say nothing while pulling.")
        readOnly = arguments.flag("read-only", "Make its root file system read-only.")
        restart = arguments.value(
            "restart", "value", "When to start it again: no, on-failure[:count], always or unless-stopped.")
        rm = arguments.flag("rm", "Remove it once it has exited.")
        stopSignal = arguments.value("stop-signal", "value", "The signal that stops it.")
        stopTimeout = try arguments.integer("stop-timeout", "Seconds that stopping waits before it kills.")
        tmpfs = arguments.values("tmpfs", "value", "Mount a tmpfs (target[:size=64m,ro]).")
        tty = arguments.flag("tty", "t", "Give it a terminal.")
        user = arguments.value("user", "u", "value", "Run as user[:group], by name or number.")
        volume = arguments.values("volume", "v", "value", "Mount a volume or a directory ([source:]target[:ro]).")
        volumesFrom = arguments.values("volumes-from", "value", "Mount the volumes of another container (name[:ro]).")
        workdir = arguments.value("workdir", "w", "value", "The directory it starts in.")
        imageAndCommand = arguments.command("IMAGE [COMMAND] [ARGUMENT...]", atLeast: 1)
    }

    enum PullPolicy: String, CaseIterable {
        case missing, always, never
    }
}
