import JSONRPC

/// Writes the OCI configuration (opencontainers/runtime-spec 1.0) of a container; decides nothing but its form.
struct RuntimeSpecification {
    var layout: CgroupLayout
    /// The container's group, such as `/kenter-default/<id>`.
    var group: String
    /// Which system calls are filtered and how; `nil` for none.
    var filter: SeccompProfile?
    /// The same filter compiled, for a runtime that takes it ready-made.
    var compiledFilter: String?
    /// The host's devices, for privileged containers.
    var hostDevices: [HostDevice] = []

    /// The whole config.json.
    func document(_ container: ContainerSpecification) throws(RuntimeError) -> JSONObject {
        for mount in container.mounts { try mount.check() }
        guard let command = container.process.arguments.first, !command.isEmpty else {
            throw RuntimeError(.refused, "no command specified")
        }
        let capabilities = try container.capabilities()
        var process = Self.process(container.process, capabilities: capabilities)
        if container.process.hasTerminal {
            process["consoleSize"] = [
                "height": .integer(Int64(container.process.terminalRows)),
                "width": .integer(Int64(container.process.terminalColumns)),
            ]
        }
        if let score = container.outOfMemoryScore { process["oomScoreAdj"] = .integer(Int64(score)) }
        var document: JSONObject = [
            "ociVersion": "1.0.2",
            "process": .object(process),
            "root": ["path": .string(container.rootPath), "readonly": .bool(container.isRootReadOnly)],
            "hostname": .string(container.hostname),
            "mounts": .array(DefaultMounts.merged(for: container).map(Self.mount)),
            "linux": .object(linux(container)),
        ]
        if let compiledFilter, filter != nil {
            document["annotations"] = ["run.oci.seccomp_bpf_data": .string(compiledFilter)]
        }
        return document
    }

    /// The `process` of a configuration, and the whole file that describes a later process of the container. Without
    /// the size of the terminal: for a later process crun sets it when that runs already, over whatever came meanwhile.
    static func process(_ process: ContainerProcess, capabilities: CapabilitySet) -> JSONObject {
        let user: JSONValue = [
            "uid": .integer(Int64(process.user.uid)), "gid": .integer(Int64(process.user.gid)),
            "additionalGids": .array(process.user.additionalGroups.map { .integer(Int64($0)) }),
        ]
        let names = JSONValue.array(capabilities.sorted.map { .string($0) })
        var sets: JSONObject = ["bounding": names]
        // What execve leaves to others than the superuser: nothing but the right to gain them through a file.
        for set in ["effective", "permitted"] { sets[set] = process.user.uid == 0 ? names : [] }
        for set in ["inheritable", "ambient"] { sets[set] = [] }
        return [
            "terminal": .bool(process.hasTerminal),
            "user": user,
            "args": .array(process.arguments.map { .string($0) }),
            "env": .array(process.environment.map { .string($0) }),
            "cwd": .string(process.workingDirectory),
            "capabilities": .object(sets),
            "noNewPrivileges": false,
        ]
    }

    private func linux(_ container: ContainerSpecification) -> JSONObject {
        var resources = container.resources.document(on: layout)
        resources["devices"] = .array(DeviceRule.rules(isPrivileged: container.isPrivileged).map(\.document))
        var linux: JSONObject = [
            "cgroupsPath": .string(group),
            "namespaces": .array(namespaces(container)),
            "resources": .object(resources),
            "sysctl": .object(JSONObject(settings(container).map { ($0.key, .string($0.value)) })),
        ]
        if container.isPrivileged {
            linux["devices"] = .array(hostDevices.map(\.document))
        } else {
            linux["maskedPaths"] = .array(Self.maskedPaths.map { .string($0) })
            linux["readonlyPaths"] = .array(Self.readOnlyPaths.map { .string($0) })
        }
        if let filter { linux["seccomp"] = .object(filter.document) }
        return linux
    }

    private func namespaces(_ container: ContainerSpecification) -> [JSONValue] {
        let chosen: [(String, ContainerSpecification.Namespace)] = [
            ("pid", container.processes), ("network", container.network), ("ipc", container.communication),
            ("uts", .own), ("mount", .own), ("cgroup", .own),
        ]
        return chosen.compactMap { kind, namespace in
            switch namespace {
            case .host: nil
            case .own: ["type": .string(kind)]
            case .path(let path): ["type": .string(kind), "path": .string(path)]
            }
        }
    }

    /// Kernel settings: ping without NET_RAW and low ports for everyone, where the network is the container's own.
    private func settings(_ container: ContainerSpecification) -> [(key: String, value: String)] {
        var settings = container.kernelSettings
        if container.network != .host {
            let defaults = ["net.ipv4.ping_group_range": "0 2147483647", "net.ipv4.ip_unprivileged_port_start": "0"]
            settings.merge(defaults) { chosen, _ in chosen }
        }
        return settings.sorted { $0.key < $1.key }
    }

    private static func mount(_ mount: ContainerMount) -> JSONValue {
        [
            "destination": .string(mount.target), "type": .string(mount.type), "source": .string(mount.source),
            "options": .array(mount.options.map { .string($0) }),
        ]
    }

    /// Docker's: what of /proc and /sys tells about the host, or changes it.
    static let maskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ]
    static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}
