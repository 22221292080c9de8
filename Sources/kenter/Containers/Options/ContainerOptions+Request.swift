import KenterProtocol

extension ContainerOptions {
    /// The options as the engine wants them; `environment` looks up variables of this process.
    func request(environment: (String) -> String? = Environment.value) throws(OptionError) -> ContainerCreate {
        let image = imageAndCommand.first ?? ""
        if rm, let restart, restart != "no" { throw OptionError("conflicting options: --restart and --rm") }
        let variables = try EnvironmentOption.variables(files: envFile, entries: env, environment: environment)
        var request = ContainerCreate(image: image)
        request.name = name
        request.command = given(Array(imageAndCommand.dropFirst()))
        request.entrypoint = entrypoint.map { [$0] }
        request.env = given(variables)
        request.labels = label.isEmpty ? nil : LabelOption.labels(label)
        request.hostname = hostname
        request.user = user
        request.workdir = workdir
        request.tty = given(tty)
        request.stdinOpen = given(interactive)
        try addNetworking(to: &request)
        request.mounts = given(try MountOption.mounts(volumes: volume, mounts: mount, tmpfs: tmpfs))
        request.volumesFrom = given(volumesFrom)
        request.restart = try restart.map { text throws(OptionError) in try RestartOption.policy(text) }
        request.resources = try resources()
        request.readOnly = given(readOnly)
        request.capAdd = given(capAdd)
        request.capDrop = given(capDrop)
        request.privileged = given(privileged)
        request.`init` = given(`init`)
        request.stopSignal = stopSignal
        request.stopTimeoutSeconds = stopTimeout
        request.healthcheck = try healthcheck()
        request.autoRemove = given(rm)
        request.engineAccess = given(engineAccess)
        return request
    }

    private func addNetworking(to request: inout ContainerCreate) throws(OptionError) {
        for text in link { try LinkOption.check(text) }
        request.links = given(link)
        // Published and exposed ports are the engine's to judge: its answer is the same for every client.
        request.publish = given(publish)
        request.publishAll = given(publishAll)
        request.expose = given(expose)
        try addNetworks(to: &request)
        request.hostPorts = given(hostPort)
        request.dns = given(dns)
        request.extraHosts =
            try addHost.isEmpty
            ? nil
            : addHost.map { text throws(OptionError) in
                try HostOption.entry(text)
            }
    }

    /// `--network-alias`, `--ip` and `--ip6` are about the first network, as in Docker.
    private func addNetworks(to request: inout ContainerCreate) throws(OptionError) {
        let networks = try network.map { text throws(OptionError) in try NetworkOption.membership(text) }
        let first = networks.first
        func only<T>(_ own: T?, _ inNetwork: T?, _ options: String) throws(OptionError) -> T? {
            guard own == nil || inNetwork == nil else {
                throw OptionError("conflicting options: cannot specify both \(options)")
            }
            return own ?? inNetwork
        }
        request.network = first?.network == "default" ? nil : first?.network
        request.networkAliases = try only(
            given(networkAlias), first?.aliases, "--network-alias and per-network alias")
        request.ip = try only(ip, first?.ip, "--ip and per-network IPv4 address")
        request.ip6 = try only(ip6, first?.ip6, "--ip6 and per-network IPv6 address")
        request.furtherNetworks = given(Array(networks.dropFirst()))
    }

    private func resources() throws(OptionError) -> Resources? {
        let bytes = try memory.map { text throws(OptionError) in try SizeOption.bytes(text, option: "-m, --memory") }
        let processors = try cpus.map { text throws(OptionError) in try ProcessorOption.count(text) }
        // 0 and, for processes, -1 mean no limit.
        let resources = Resources(
            memoryBytes: bytes == 0 ? nil : bytes, cpus: processors == 0 ? nil : processors,
            pids: pidsLimit.flatMap { $0 > 0 ? $0 : nil })
        return resources == Resources() ? nil : resources
    }

    private func healthcheck() throws(OptionError) -> Healthcheck? {
        var check = Healthcheck()
        check.test = healthCmd.map { ["CMD-SHELL", $0] } ?? []
        check.intervalSeconds = try seconds(healthInterval, "--health-interval")
        check.timeoutSeconds = try seconds(healthTimeout, "--health-timeout")
        check.startPeriodSeconds = try seconds(healthStartPeriod, "--health-start-period")
        check.startIntervalSeconds = try seconds(healthStartInterval, "--health-start-interval")
        check.retries = healthRetries
        let isEmpty = check == Healthcheck()
        guard noHealthcheck else { return isEmpty ? nil : check }
        guard isEmpty else { throw OptionError("--no-healthcheck conflicts with --health-* options") }
        return Healthcheck(test: ["NONE"])
    }

    private func seconds(_ text: String?, _ option: String) throws(OptionError) -> Double? {
        try text.map { text throws(OptionError) in try DurationOption.seconds(text, option: option) }
    }

    /// What was not said is not sent.
    private func given(_ flag: Bool) -> Bool? { flag ? true : nil }
    private func given<T>(_ values: [T]) -> [T]? { values.isEmpty ? nil : values }
}
