import KenterProtocol

/// What a service may use.
extension ServiceReader {
    mutating func readLimits(_ name: String, _ node: ComposeNode) throws(ComposeError) -> Bool {
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
    mutating func readDeploy(_ node: ComposeNode) throws(ComposeError) {
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
}
