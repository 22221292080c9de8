import JSONRPC
import KenterProtocol

/// Reads one service.
struct ServiceReader {
    var warnings: [String] = []
    let project: ComposeProject
    let context: ComposeContext
    /// Of every service that is to run.
    let containerNames: [String: String]
    /// As in files of version 1: no network of the project's own.
    let isOnDefaultNetwork: Bool
    var service: ComposeService
    var networkMode: String?

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

    mutating func leaveOut(_ node: ComposeNode) { warnings.append("\(node.path) is not supported: left out") }

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

    private mutating func addLabels() {
        let own = [
            ComposeLabel.project: project.name, ComposeLabel.service: service.name, ComposeLabel.number: "1",
            ComposeLabel.oneoff: "False", ComposeLabel.files: context.files.joined(separator: ","),
            ComposeLabel.directory: context.directory,
        ]
        service.container.labels?.merge(own) { _, own in own }
    }
}
