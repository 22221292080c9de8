package import JSONRPC
import KenterProtocol

/// Reads compose files: of version 1 (services at the top level, on the default network) and all later ones.
package enum ComposeFile {
    /// Of all values together, once variables are in them: a few small ones could stand for gigabytes.
    private static let limitBytes = 16 << 20

    /// - Parameter documents: The context's files as trees whose scalars are texts as written.
    package static func project(
        _ documents: [JSONValue], _ context: ComposeContext
    ) throws(ComposeError) -> ComposeProject {
        var reader = ProjectReader(context)
        return try reader.read(documents)
    }

    /// One file of all, later ones over earlier ones, with their variables put in; also the variables without a value.
    package static func merged(
        _ documents: [JSONValue], _ context: ComposeContext
    ) throws(ComposeError) -> (document: JSONObject, missing: [String]) {
        let missing = MissingNames()
        var room = limitBytes
        let interpolation = Interpolation({ context.environment.value($0) }, missing: { missing.add($0) })
        var files: [JSONObject] = []
        for (path, document) in zip(context.files, documents) {
            guard case .object(let file) = try interpolate(document, "", interpolation, &room) else {
                throw ComposeError(documents.count > 1 ? path : "", "a compose file is a mapping of services")
            }
            files.append(file)
        }
        let isFirstVersion = files.first.map(isFirstVersion) ?? false
        if isFirstVersion, let index = files.firstIndex(where: { $0["services"] != nil || $0["version"] != nil }) {
            throw ComposeError(context.files[index], "a file of another version cannot be merged into one of version 1")
        }
        let merge = ComposeMerge(isFirstVersion: isFirstVersion)
        var result = JSONObject()
        for file in files { result = try merge.merged(result, file) }
        return (result, missing.names)
    }

    /// Neither `services` nor `version`, and every member describes a container.
    fileprivate static func isFirstVersion(_ top: JSONObject) -> Bool {
        guard top["services"] == nil, top["version"] == nil, !top.isEmpty else { return false }
        return top.members.allSatisfy { $0.value.object?["image"] != nil || $0.value.object?["build"] != nil }
    }

    /// With every dollar sign doubled, so that it is a compose file of the same meaning.
    package static func escaped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            .string(text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$"))
        case .array(let items): .array(items.map(escaped))
        case .object(let object): .object(JSONObject(object.members.map { ($0.name, escaped($0.value)) }))
        default: value
        }
    }

    /// - Parameter room: How many bytes of text may still come out.
    private static func interpolate(
        _ value: JSONValue, _ path: String, _ interpolation: Interpolation, _ room: inout Int
    ) throws(ComposeError) -> JSONValue {
        switch value {
        case .string(let text):
            let result = try interpolation.text(text, path: path)
            room -= result.utf8.count
            guard room >= 0 else {
                throw ComposeError(path, "the file has more than \(limitBytes) bytes of text with its variables")
            }
            return .string(result)
        case .array(let items):
            var result: [JSONValue] = []
            for (index, item) in items.enumerated() {
                result.append(try interpolate(item, "\(path)[\(index)]", interpolation, &room))
            }
            return .array(result)
        case .object(let object):
            var result = JSONObject()
            for member in object.members {
                let isTag = ComposeTag.names.contains(member.name)
                let inner = isTag ? path : path.isEmpty ? member.name : "\(path).\(member.name)"
                result[member.name] = try interpolate(member.value, inner, interpolation, &room)
            }
            return .object(result)
        default: return value
        }
    }
}

/// Names in the order in which they were first missed.
private final class MissingNames {
    private(set) var names: [String] = []

    func add(_ name: String) {
        if !names.contains(name) { names.append(name) }
    }
}

/// Reads the top level.
private struct ProjectReader {
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
        let services = try enabledServices(nodes("services"))
        project.networks = try networks(nodes("networks"), name, isFirstVersion: isFirstVersion)
        project.volumes = try volumes(nodes("volumes"), name)
        var names: [String: String] = [:]
        for (service, node) in services {
            let given = try node.members().first { $0.name == "container_name" }?.node.text()
            names[service] = given ?? "\(name)-\(service)-1"
        }
        var made: [ComposeService] = []
        for (service, node) in services {
            var reader = ServiceReader(
                service, project, context, containerNames: names, isOnDefaultNetwork: isFirstVersion)
            made.append(try reader.read(node))
            warnings += reader.warnings
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

    private mutating func enabledServices(
        _ node: ComposeNode
    ) throws(ComposeError) -> [(name: String, node: ComposeNode)] {
        var services: [(name: String, node: ComposeNode)] = []
        for (name, service) in try node.members() where !name.hasPrefix("x-") {
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
            else { throw ComposeError(service.path, "a service's name is made of letters, digits, '.', '_' and '-'") }
            let profiles = try service.members().first { $0.name == "profiles" }?.node.texts() ?? []
            let isEnabled =
                profiles.isEmpty || context.profiles.contains("*") || !context.profiles.isDisjoint(with: profiles)
            if isEnabled { services.append((name, service)) }
        }
        guard !services.isEmpty else { throw ComposeError("", "the file has no services to run") }
        return services
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

    /// The default network is made only where somebody joins it.
    private func used(_ networks: [ComposeNetwork], _ services: [ComposeService]) -> [ComposeNetwork] {
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
