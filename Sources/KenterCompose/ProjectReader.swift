import JSONRPC
import KenterProtocol

/// Reads the top level.
struct ProjectReader {
    private let context: ComposeContext
    private var warnings: [String] = []

    init(_ context: ComposeContext) {
        self.context = context
    }

    mutating func read(_ documents: [JSONValue]) throws(ComposeError) -> ComposeProject {
        let (top, missing) = try ComposeFile.merged(documents, context)
        warnings += missing.map { "the variable \($0) is not set: an empty text stands in its place" }
        let isFirstVersion = ComposeFile.isFirstVersion(top)
        let root = isFirstVersion ? ["services": .object(top)] : top
        let name = try projectName(root)
        var project = ComposeProject(name: name)
        let nodes = { (key: String) in ComposeNode(path: key, value: root[key] ?? .null) }
        for key in root.names where !["services", "networks", "volumes", "version", "name"].contains(key) {
            if !key.hasPrefix("x-") { warnings.append("\(key) is not supported: left out") }
        }
        let all = try services(nodes("services"))
        let services = all.filter { $0.isEnabled || context.takesEveryProfile }
        project.disabledServices = Set(all.filter { !$0.isEnabled }.map(\.name))
        project.networks = try networks(nodes("networks"), name, isFirstVersion: isFirstVersion)
        project.volumes = try volumes(nodes("volumes"), name)
        var names: [String: String] = [:]
        for (service, node, _) in services {
            let given = try node.members().first { $0.name == "container_name" }?.node.text()
            names[service] = given ?? "\(name)-\(service)-1"
        }
        var made: [ComposeService] = []
        for (service, node, isEnabled) in services {
            var reader = ServiceReader(
                service, project, context, containerNames: names, isOnDefaultNetwork: isFirstVersion)
            do {
                made.append(try reader.read(node))
                warnings += reader.warnings
            } catch {
                // What nobody could have brought up is in nobody's way.
                if isEnabled { throw error }
            }
        }
        project.networks = used(project.networks, made)
        project.services = try ComposeOrder.sorted(made)
        project.warnings = warnings
        return project
    }

    private func projectName(_ root: JSONObject) throws(ComposeError) -> String {
        if let given = context.projectName {
            guard ComposeContext.projectName(from: given) == given else {
                throw ComposeError(
                    "", "invalid project name '\(given)': use a-z, 0-9, - and _, a letter or digit first")
            }
            return given
        }
        if let own = root["name"]?.string, let name = ComposeContext.projectName(from: own) { return name }
        let last = context.directory.split(separator: "/").last.map(String.init) ?? ""
        return ComposeContext.projectName(from: last) ?? "default"
    }

    /// All of them, and whether their profiles are on. Fails when there are none to take.
    private func services(
        _ node: ComposeNode
    ) throws(ComposeError) -> [(name: String, node: ComposeNode, isEnabled: Bool)] {
        var services: [(name: String, node: ComposeNode, profiles: [String])] = []
        for (name, service) in try node.members() where !name.hasPrefix("x-") {
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
            else { throw ComposeError(service.path, "a service's name is made of letters, digits, '.', '_' and '-'") }
            let profiles = try service.members().first { $0.name == "profiles" }?.node.texts() ?? []
            services.append((name, service, profiles))
        }
        guard !services.isEmpty else { throw ComposeError("", "the file has no services") }
        // Whoever names a service means its profiles, too.
        let named = services.filter { context.namedServices.contains($0.name) }
        let active = context.profiles.union(named.flatMap(\.profiles))
        let marked = services.map { name, node, profiles in
            let isEnabled = profiles.isEmpty || active.contains("*") || !active.isDisjoint(with: profiles)
            return (name: name, node: node, isEnabled: isEnabled)
        }
        guard context.takesEveryProfile || marked.contains(where: \.isEnabled) else {
            let profiles = Set(services.flatMap(\.profiles)).sorted().joined(separator: ", ")
            throw ComposeError(
                "", "every service has a profile that is off: switch one on with --profile (\(profiles))")
        }
        return marked
    }

    // MARK: networks and volumes

    private mutating func networks(
        _ node: ComposeNode, _ project: String, isFirstVersion: Bool
    ) throws(ComposeError) -> [ComposeNetwork] {
        if isFirstVersion { return [] }
        var networks: [ComposeNetwork] = []
        for (key, network) in try node.members() { networks.append(try self.network(key, network, project)) }
        if !networks.contains(where: { $0.key == "default" }) {
            networks.append(try self.network("default", ComposeNode(path: "networks.default", value: .null), project))
        }
        return networks
    }

    private mutating func network(
        _ key: String, _ node: ComposeNode, _ project: String
    ) throws(ComposeError) -> ComposeNetwork {
        var request = NetworkCreate(networkName: "\(project)_\(key)")
        var isExternal = false
        var labels = [ComposeLabel.project: project, ComposeLabel.network: key]
        for (name, value) in try node.members() where !name.hasPrefix("x-") {
            switch name {
            case "name": request.networkName = try value.text()
            case "external": isExternal = try external(value, key, &request.networkName)
            case "internal": request.`internal` = try value.bool()
            case "enable_ipv6": request.ipv6 = try value.bool()
            case "attachable": break
            case "labels": for (name, text) in try value.pairs() { labels[name] = text ?? "" }
            case "driver":
                if !["bridge", "default"].contains(try value.text()) { leaveOut(value) }
            case "ipam": try addressing(value, &request)
            default: leaveOut(value)
            }
        }
        if isExternal, request.networkName == "\(project)_\(key)" { request.networkName = key }
        request.labels = labels
        return ComposeNetwork(key: key, request: request, isExternal: isExternal)
    }

    private mutating func addressing(_ node: ComposeNode, _ request: inout NetworkCreate) throws(ComposeError) {
        for (name, value) in try node.members() {
            if name == "driver", try value.text() == "default" { continue }
            guard name == "config" else {
                leaveOut(value)
                continue
            }
            for item in try value.list() {
                for (name, value) in try item.members() {
                    switch name {
                    case "subnet":
                        let subnet = try value.text()
                        if subnet.contains(":") { request.ipv6Subnet = subnet } else { request.subnet = subnet }
                    case "gateway":
                        if try value.text().contains(":") {
                            leaveOut(value)
                        } else {
                            request.gateway = try value.text()
                        }
                    default: leaveOut(value)
                    }
                }
            }
        }
    }

    private mutating func volumes(_ node: ComposeNode, _ project: String) throws(ComposeError) -> [ComposeVolume] {
        var volumes: [ComposeVolume] = []
        for (key, volume) in try node.members() {
            var name = "\(project)_\(key)"
            var isExternal = false
            var labels = [ComposeLabel.project: project, ComposeLabel.volume: key]
            for (member, value) in try volume.members() where !member.hasPrefix("x-") {
                switch member {
                case "name": name = try value.text()
                case "external":
                    isExternal = try external(value, key, &name)
                    if isExternal, name == "\(project)_\(key)" { name = key }
                case "labels": for (label, text) in try value.pairs() { labels[label] = text ?? "" }
                case "driver": if try value.text() != "local" { leaveOut(value) }
                default: leaveOut(value)
                }
            }
            volumes.append(
                ComposeVolume(key: key, request: VolumeCreate(name: name, labels: labels), isExternal: isExternal))
        }
        return volumes
    }

    /// `true`, or in older files the name.
    private func external(_ node: ComposeNode, _ key: String, _ name: inout String) throws(ComposeError) -> Bool {
        guard node.value.object != nil else { return try node.bool() }
        for (member, value) in try node.members() where member == "name" { name = try value.text() }
        return true
    }

    /// The default network is made only where somebody joins it. It may be there where everything is meant.
    private func used(_ networks: [ComposeNetwork], _ services: [ComposeService]) -> [ComposeNetwork] {
        if context.takesEveryProfile { return networks }
        let joined = Set(
            services.map(\.container).flatMap {
                [$0.network].compactMap(\.self) + ($0.furtherNetworks ?? []).map(\.network)
            }
        )
        return networks.filter { $0.key != "default" || joined.contains($0.request.networkName) }
    }

    private mutating func leaveOut(_ node: ComposeNode) {
        warnings.append("\(node.path) is not supported: left out")
    }
}
