import JSONRPC
import KenterProtocol

/// What a service has to do with others: ports, links, dependencies and networks.
extension ServiceReader {
    mutating func readConnections(_ name: String, _ node: ComposeNode) throws(ComposeError) -> Bool {
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

    func container(of other: String, _ path: String) throws(ComposeError) -> String {
        guard let name = containerNames[other] else {
            throw ComposeError(path, "there is no service '\(other)'")
        }
        return name
    }

    mutating func depend(on other: String, restarts: Bool = false) {
        service.references.insert(other)
        if let index = service.dependencies.firstIndex(where: { $0.service == other }) {
            if restarts { service.dependencies[index].restarts = true }
        } else {
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
        var dependency = dependency
        // Another key of the service may have asked for it already, whichever comes first in the file.
        if service.dependencies.contains(where: { $0.service == dependency.service && $0.restarts }) {
            dependency.restarts = true
        }
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

    mutating func joinNetworks(_ node: ComposeNode?) throws(ComposeError) {
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
}
