import JSONRPC
import KenterProtocol

/// Reads one service.
struct ServiceReader {
    private(set) var warnings: [String] = []
    private let project: ComposeProject
    private let context: ComposeContext
    /// Of every service that is to run.
    private let containerNames: [String: String]
    /// As in files of version 1: no network of the project's own.
    private let isOnDefaultNetwork: Bool
    private var service: ComposeService
    private var networkMode: String?

    init(
        _ name: String, _ project: ComposeProject, _ context: ComposeContext, containerNames: [String: String],
        isOnDefaultNetwork: Bool
    ) {
        self.project = project
        self.context = context
        self.containerNames = containerNames
        self.isOnDefaultNetwork = isOnDefaultNetwork
        service = ComposeService(name: name, container: ContainerCreate(image: "", name: containerNames[name]))
    }

    mutating func read(_ node: ComposeNode) throws(ComposeError) -> ComposeService {
        let members = try node.members().filter { !$0.name.hasPrefix("x-") }
        guard let image = members.first(where: { $0.name == "image" }), !(try image.node.text()).isEmpty else {
            let isBuilt = members.contains { $0.name == "build" }
            throw ComposeError(
                node.path, isBuilt ? "images are not built here: name one with 'image'" : "no image")
        }
        service.container.labels = [:]
        // Variables of files come first, so that those of `environment` win.
        for (name, value) in members where name == "env_file" { try readEnvironmentFiles(value) }
        for (name, value) in members where name != "env_file" { try read(name, value) }
        try joinNetworks(members.first { $0.name == "networks" }?.node)
        addLabels()
        return service
    }

    private mutating func read(_ name: String, _ node: ComposeNode) throws(ComposeError) {
        // A key without a value says nothing, but for a command that is taken away.
        if node.isNull, name != "command", name != "entrypoint" { return }
        if try readProcess(name, node) { return }
        if try readLimits(name, node) { return }
        if try readConnections(name, node) { return }
        if name == "deploy" { return try readDeploy(node) }
        leaveOut(node)
    }

    private mutating func leaveOut(_ node: ComposeNode) { warnings.append("\(node.path) is not supported: left out") }

    // MARK: the process

    private mutating func readProcess(_ name: String, _ node: ComposeNode) throws(ComposeError) -> Bool {
        switch name {
        case "image": service.container.image = try node.text()
        case "container_name", "profiles": break  // Read before.
        case "command": if !node.isNull { service.container.command = try node.words() }
        case "entrypoint":
            if !node.isNull {
                let words = try node.words()
                service.container.entrypoint = words.isEmpty ? [""] : words
            }
        case "environment": for (name, value) in try node.pairs() { setVariable(name, value) }
        case "hostname": service.container.hostname = try node.text()
        case "user": service.container.user = try node.text()
        case "working_dir": service.container.workdir = try node.text()
        case "labels": for (name, value) in try node.pairs() { service.container.labels?[name] = value ?? "" }
        case "tty": service.container.tty = try node.bool()
        case "stdin_open": service.container.stdinOpen = try node.bool()
        case "init": service.container.`init` = try node.bool()
        case "stop_signal": service.container.stopSignal = try node.text()
        case "stop_grace_period": service.container.stopTimeoutSeconds = Int(min(try node.seconds(), 1e9).rounded(.up))
        case "restart": service.container.restart = try restart(node)
        case "healthcheck": service.container.healthcheck = try HealthcheckReader.read(node)
        case "pull_policy": try readPullPolicy(node)
        default: return false
        }
        return true
    }

    /// Without a value it is the caller's, or taken away where the caller has none.
    private mutating func setVariable(_ name: String, _ value: String?) {
        let entry = (value ?? context.environment.value(name)).map { "\(name)=\($0)" } ?? name
        var entries = service.container.env ?? []
        entries.removeAll { $0 == name || $0.hasPrefix("\(name)=") }
        service.container.env = entries + [entry]
    }

    private mutating func readEnvironmentFiles(_ node: ComposeNode) throws(ComposeError) {
        let items = try node.value.array == nil ? [node] : node.list()
        for item in items {
            var path = item
            var isRequired = true
            if item.value.object != nil {
                for (name, value) in try item.members() {
                    switch name {
                    case "path": path = value
                    case "required": isRequired = try value.bool()
                    default: leaveOut(value)
                    }
                }
            }
            let file = context.absolute(try path.text())
            guard let text = context.readFile(file) else {
                if isRequired { throw ComposeError(path.path, "cannot read the file \(file)") }
                continue
            }
            for (name, value) in try DotEnvironment.parse(text, path: file, context.environment) {
                setVariable(name, value)
            }
        }
    }

    private func restart(_ node: ComposeNode) throws(ComposeError) -> RestartPolicy {
        let parts = try node.text().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        // Not quoted, YAML takes no for false.
        let name = parts[0] == "false" ? "no" : parts[0]
        let retries = parts.count == 2 ? Int(parts[1]) : nil
        guard let policy = RestartPolicy.Policy(rawValue: name), parts.count == 1 || retries != nil else {
            throw ComposeError(
                node.path, "use no, always, unless-stopped or on-failure[:count], not '\(try node.text())'")
        }
        return RestartPolicy(policy: policy, maxRetries: retries == 0 ? nil : retries)
    }

    private mutating func readPullPolicy(_ node: ComposeNode) throws(ComposeError) {
        switch try node.text() {
        case "missing", "if_not_present": service.pullPolicy = .missing
        case "always": service.pullPolicy = .always
        case "never": service.pullPolicy = .never
        default: leaveOut(node)
        }
    }

    // MARK: what it may use

    private mutating func readLimits(_ name: String, _ node: ComposeNode) throws(ComposeError) -> Bool {
        switch name {
        case "read_only": service.container.readOnly = try node.bool()
        case "privileged": service.container.privileged = try node.bool()
        case "cap_add": service.container.capAdd = try node.texts()
        case "cap_drop": service.container.capDrop = try node.texts()
        case "mem_limit":
            let bytes = try node.bytes()
            limit { $0.memoryBytes = bytes }
        case "cpus":
            let count = try node.number()
            limit { $0.cpus = count }
        case "pids_limit":
            let count = try node.integer()
            limit { $0.pids = count > 0 ? Int64(count) : nil }
        case "tmpfs":
            for text in try node.texts() { addMount(try VolumeReader.temporary(text, node.path)) }
        case "volumes":
            var reader = VolumeReader(project.volumes, context)
            for item in try node.list() { addMount(try reader.read(item)) }
            warnings += reader.warnings
        case "volumes_from":
            service.container.volumesFrom = try node.texts().map { text throws(ComposeError) in
                try volumesFrom(text, node.path)
            }
        default: return false
        }
        return true
    }

    private mutating func limit(_ change: (inout Resources) -> Void) {
        var resources = service.container.resources ?? Resources()
        change(&resources)
        service.container.resources = resources
    }

    private mutating func addMount(_ mount: MountRequest) {
        service.container.mounts = (service.container.mounts ?? []) + [mount]
    }

    private mutating func volumesFrom(_ text: String, _ path: String) throws(ComposeError) -> String {
        if text.hasPrefix("container:") { return String(text.dropFirst(10)) }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let name = try container(of: parts[0], path)
        depend(on: parts[0])
        return ([name] + parts.dropFirst()).joined(separator: ":")
    }

    /// Of what is meant for swarms, the limits mean the same here.
    private mutating func readDeploy(_ node: ComposeNode) throws(ComposeError) {
        for (name, value) in try node.members() {
            switch name {
            case "resources":
                for (name, value) in try value.members() {
                    if name == "limits" { try readDeployLimits(value) } else { leaveOut(value) }
                }
            case "replicas": if try value.integer() != 1 { leaveOut(value) }
            default: leaveOut(value)
            }
        }
    }

    private mutating func readDeployLimits(_ node: ComposeNode) throws(ComposeError) {
        for (name, value) in try node.members() {
            switch name {
            case "cpus":
                let count = try value.number()
                limit { $0.cpus = count }
            case "memory":
                let bytes = try value.bytes()
                limit { $0.memoryBytes = bytes }
            case "pids":
                let count = try value.integer()
                limit { $0.pids = Int64(count) }
            default: leaveOut(value)
            }
        }
    }

    // MARK: others

    private mutating func readConnections(_ name: String, _ node: ComposeNode) throws(ComposeError) -> Bool {
        switch name {
        case "ports":
            service.container.publish = try node.list().map { item throws(ComposeError) in try PortReader.read(item) }
        case "expose": service.container.expose = try node.texts()
        case "dns": service.container.dns = try node.texts()
        case "extra_hosts":
            service.container.extraHosts = try node.pairs(separators: ["=", ":"]).map { name, address in
                "\(name):\((address ?? "").filter { $0 != "[" && $0 != "]" })"
            }
        case "links":
            for text in try node.texts() {
                let source = String(text.prefix { $0 != ":" && $0 != "," })
                addLink(text, to: try container(of: source, node.path), of: source)
                depend(on: source)
            }
        case "external_links": for text in try node.texts() { addExternalLink(text) }
        case "depends_on": try readDependencies(node)
        case "network_mode": try readNetworkMode(node)
        case "networks": break  // Read last, when the mode is known.
        default: return false
        }
        return true
    }

    /// Links follow names, so that a source that is made anew keeps its consumers.
    private mutating func addLink(_ text: String, to container: String, of source: String) {
        let rest = text.dropFirst(source.count)
        let options = rest.firstIndex(of: ",").map { String(rest[$0...]) } ?? ""
        let alias = rest.prefix { $0 != "," }.dropFirst()
        let rebind = options.contains("rebind=") ? "" : ",rebind=name"
        service.container.links =
            (service.container.links ?? []) + ["\(container):\(alias.isEmpty ? source[...] : alias)\(options)\(rebind)"]
    }

    private mutating func addExternalLink(_ text: String) {
        let source = String(text.prefix { $0 != ":" && $0 != "," })
        addLink(text, to: source, of: source)
    }

    private func container(of other: String, _ path: String) throws(ComposeError) -> String {
        guard let name = containerNames[other] else {
            throw ComposeError(path, "there is no service '\(other)'")
        }
        return name
    }

    private mutating func depend(on other: String, restarts: Bool = false) {
        service.references.insert(other)
        if !service.dependencies.contains(where: { $0.service == other }) {
            service.dependencies.append(
                ComposeService.Dependency(service: other, condition: .started, restarts: restarts))
        }
    }

    private mutating func readDependencies(_ node: ComposeNode) throws(ComposeError) {
        if node.value.array != nil {
            for (index, other) in try node.texts().enumerated() {
                let dependency = ComposeService.Dependency(service: other, condition: .started)
                try need(dependency, "\(node.path)[\(index)]")
            }
            return
        }
        for (other, value) in try node.members() {
            var dependency = ComposeService.Dependency(service: other, condition: .started)
            var isRequired = true
            for (name, value) in try value.members() {
                switch name {
                case "condition":
                    guard let known = ComposeService.Condition(rawValue: try value.text()) else {
                        throw ComposeError(value.path, "there is no condition '\(try value.text())'")
                    }
                    dependency.condition = known
                case "required": isRequired = try value.bool()
                // Consumers of what is made anew are made anew only where they refer to it.
                case "restart": dependency.restarts = try value.bool()
                default: leaveOut(value)
                }
            }
            if !isRequired, containerNames[other] == nil { continue }
            try need(dependency, value.path)
        }
    }

    private mutating func need(_ dependency: ComposeService.Dependency, _ path: String) throws(ComposeError) {
        _ = try container(of: dependency.service, path)
        service.dependencies.removeAll { $0.service == dependency.service }
        service.dependencies.append(dependency)
    }

    // MARK: networks

    private mutating func readNetworkMode(_ node: ComposeNode) throws(ComposeError) {
        let mode = try node.text()
        if mode.hasPrefix("service:") {
            let other = String(mode.dropFirst(8))
            networkMode = "container:\(try container(of: other, node.path))"
            // It is in that one's namespace, which ends with it.
            depend(on: other, restarts: true)
        } else {
            networkMode = mode
        }
    }

    private mutating func joinNetworks(_ node: ComposeNode?) throws(ComposeError) {
        if let mode = networkMode ?? (isOnDefaultNetwork ? "bridge" : nil) {
            if let node, !node.isNull {
                throw ComposeError(node.path, "networks and network_mode exclude each other")
            }
            service.container.network = mode == "bridge" || mode == "default" ? nil : mode
            return
        }
        var memberships: [MembershipRequest] = []
        if let node, node.value.array != nil {
            for (index, key) in try node.texts().enumerated() {
                memberships.append(try membership(key, nil, "\(node.path)[\(index)]"))
            }
        } else {
            for (key, value) in try node?.members() ?? [] { memberships.append(try membership(key, value, value.path)) }
        }
        if memberships.isEmpty { memberships.append(try membership("default", nil, "services.\(service.name)")) }
        let first = memberships.removeFirst()
        service.container.network = first.network
        service.container.networkAliases = first.aliases
        service.container.ip = first.ip
        service.container.ip6 = first.ip6
        service.container.furtherNetworks = memberships.isEmpty ? nil : memberships
    }

    private mutating func membership(
        _ key: String, _ node: ComposeNode?, _ path: String
    ) throws(ComposeError) -> MembershipRequest {
        guard let network = project.networks.first(where: { $0.key == key }) else {
            throw ComposeError(path, "there is no network '\(key)' at the top level")
        }
        var aliases = [service.name]
        var membership = MembershipRequest(network: network.request.networkName)
        for (name, value) in try node?.members() ?? [] where !name.hasPrefix("x-") {
            switch name {
            case "aliases":
                for alias in try value.texts() where !aliases.contains(alias) { aliases.append(alias) }
            case "ipv4_address": membership.ip = try value.text()
            case "ipv6_address": membership.ip6 = try value.text()
            default: leaveOut(value)
            }
        }
        membership.aliases = aliases
        return membership
    }

    private mutating func addLabels() {
        let own = [
            ComposeLabel.project: project.name, ComposeLabel.service: service.name, ComposeLabel.number: "1",
            ComposeLabel.oneoff: "False", ComposeLabel.files: context.files.joined(separator: ","),
            ComposeLabel.directory: context.directory,
        ]
        service.container.labels?.merge(own) { _, own in own }
    }
}
