import ArgumentParser

/// What `kenter run` and `kenter create` say about a container.
struct ContainerOptions: ParsableArguments {
    @Option(help: "Add a line to its hosts file (name:address).") var addHost: [String] = []
    @Option(help: "Add a capability.") var capAdd: [String] = []
    @Option(help: "Drop a capability.") var capDrop: [String] = []
    @Option(help: "How many processors it may use, such as 1.5.") var cpus: String?
    @Option(help: "A name server in place of the host's.") var dns: [String] = []
    @Flag(help: "Let a bind mount hold the engine's own socket or directories.") var engineAccess = false
    @Option(help: "Replace the image's entry point.") var entrypoint: String?
    @Option(name: [.customShort("e"), .long], help: "Set a variable (name=value, or name to pass it on).")
    var env: [String] = []
    @Option(help: "Read variables from a file.") var envFile: [String] = []
    @Option(help: "Expose a port or a range of ports (80/tcp).") var expose: [String] = []
    @Option(help: "Command that checks its health.") var healthCmd: String?
    @Option(help: "Time between checks (30s).") var healthInterval: String?
    @Option(help: "Failures in a row that make it unhealthy.") var healthRetries: Int?
    @Option(help: "Time in which failures do not count (0s).") var healthStartPeriod: String?
    @Option(help: "Longest time a check may take (30s).") var healthTimeout: String?
    @Option(help: "Let it reach a service of the host (5432/tcp).") var hostPort: [String] = []
    @Option(name: [.customShort("h"), .long], help: "Its host name.") var hostname: String?
    @Flag(help: "Run a small init that reaps processes and forwards signals.") var `init` = false
    @Flag(name: [.customShort("i"), .long], help: "Keep its standard input open.") var interactive = false
    @Option(help: "The address it asks for on its network.") var ip: String?
    @Option(name: [.customShort("l"), .long], help: "Set a label (name=value).") var label: [String] = []
    @Option(help: "Link to another container (source[:alias][,option=value]).") var link: [String] = []
    @Option(name: [.customShort("m"), .long], help: "Limit its memory (64m, 1g).") var memory: String?
    @Option(help: "Mount something (type=bind|volume|tmpfs,source=…,target=…[,readonly]).") var mount: [String] = []
    @Option(help: "Its name.") var name: String?
    @Option(name: [.long, .customLong("net")], help: "Its network: a name, host, none or container:NAME.")
    var network: String?
    @Flag(help: "Do not run the image's health check.") var noHealthcheck = false
    @Option(help: "Limit how many processes and threads it may have.") var pidsLimit: Int64?
    @Flag(help: "Give it every capability and device.") var privileged = false
    @Option(name: [.customShort("p"), .long], help: "Publish a port ([address:][port:]port[/protocol]).")
    var publish: [String] = []
    @Flag(name: [.customShort("P"), .long], help: "Publish every exposed port on a free one.") var publishAll = false
    @Option(help: "When to pull the image: missing, always or never.") var pull: PullPolicy = .missing
    @Flag(name: [.customShort("q"), .long], help: "Say nothing while pulling.") var quiet = false
    @Flag(help: "Make its root file system read-only.") var readOnly = false
    @Option(help: "When to start it again: no, on-failure[:count], always or unless-stopped.") var restart: String?
    @Flag(help: "Remove it once it has exited.") var rm = false
    @Option(help: "The signal that stops it.") var stopSignal: String?
    @Option(help: "Seconds that stopping waits before it kills.") var stopTimeout: Int?
    @Option(help: "Mount a tmpfs (target[:size=64m,ro]).") var tmpfs: [String] = []
    @Flag(name: [.customShort("t"), .long], help: "Give it a terminal.") var tty = false
    @Option(name: [.customShort("u"), .long], help: "Run as user[:group], by name or number.") var user: String?
    @Option(name: [.customShort("v"), .long], help: "Mount a volume or a directory ([source:]target[:ro]).")
    var volume: [String] = []
    @Option(help: "Mount the volumes of another container (name[:ro]).") var volumesFrom: [String] = []
    @Option(name: [.customShort("w"), .long], help: "The directory it starts in.") var workdir: String?

    // A command line is `kenter run OPTIONS -- IMAGE COMMAND` by now: OptionSyntax has put the dashes there.
    @Argument(parsing: .postTerminator, help: ArgumentHelp("The image.", valueName: "image"))
    var imageAndCommand: [String] = []

    enum PullPolicy: String, ExpressibleByArgument, CaseIterable {
        case missing, always, never
    }
}
