import JSONRPC
import KenterProtocol

/// Reads entries of a service's `volumes` and `tmpfs`.
struct VolumeReader {
    private(set) var warnings: [String] = []
    private let volumes: [ComposeVolume]
    private let context: ComposeContext

    init(_ volumes: [ComposeVolume], _ context: ComposeContext) {
        self.volumes = volumes
        self.context = context
    }

    mutating func read(_ node: ComposeNode) throws(ComposeError) -> MountRequest {
        try node.value.object == nil ? short(node) : long(node)
    }

    /// Where an entry is mounted, which tells it from others.
    static func target(_ node: ComposeNode) throws(ComposeError) -> String {
        if let object = node.value.object { return object["target"]?.string ?? "" }
        let parts = try node.text().split(separator: ":", omittingEmptySubsequences: false)
        return String(parts.count == 1 ? parts[0] : parts[1])
    }

    /// `target`, `source:target` or `source:target:mode`; a source with a slash or a dot in front is a path.
    private mutating func short(_ node: ComposeNode) throws(ComposeError) -> MountRequest {
        let text = try node.text()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, !parts.contains("") else {
            throw ComposeError(node.path, "expected [source:]target[:mode], found '\(text)'")
        }
        if parts.count == 1 { return MountRequest(type: .volume, target: try absoluteTarget(parts[0], node.path)) }
        var request = MountRequest(type: .volume, target: try absoluteTarget(parts[1], node.path))
        if Self.isPath(parts[0]) {
            request.type = .bind
            request.source = context.absolute(parts[0])
            request.createSource = true
        } else {
            request.source = try volume(parts[0], node.path)
        }
        for mode in (parts.count == 3 ? parts[2] : "").split(separator: ",") {
            switch mode {
            case "ro": request.readOnly = true
            case "rw", "z", "Z", "cached", "delegated", "consistent": break  // They change nothing here.
            default: warnings.append("\(node.path): the mode '\(mode)' is not supported: left out")
            }
        }
        return request
    }

    private mutating func long(_ node: ComposeNode) throws(ComposeError) -> MountRequest {
        var request = MountRequest(type: .volume, target: "")
        var source: String?
        for (name, value) in try node.members() where !name.hasPrefix("x-") {
            switch name {
            case "type":
                guard let type = MountRequest.Kind(rawValue: try value.text()) else {
                    throw ComposeError(value.path, "use bind, volume or tmpfs, not '\(try value.text())'")
                }
                request.type = type
            case "source": source = try value.text()
            case "target": request.target = try absoluteTarget(try value.text(), value.path)
            case "read_only": if try value.bool() { request.readOnly = true }
            case "bind": try readBind(value, &request)
            case "tmpfs": try readTemporary(value, &request)
            default: warnings.append("\(value.path) is not supported: left out")
            }
        }
        guard !request.target.isEmpty else { throw ComposeError(node.path, "a volume needs a target") }
        switch (request.type, source) {
        case (.bind, let path?): request.source = context.absolute(path)
        case (.bind, nil): throw ComposeError(node.path, "a bind needs a source")
        case (.volume, let name?): request.source = try volume(name, node.path)
        case (.volume, nil), (.tmpfs, _): break
        }
        return request
    }

    private mutating func readBind(_ node: ComposeNode, _ request: inout MountRequest) throws(ComposeError) {
        for (name, value) in try node.members() {
            switch name {
            case "create_host_path": request.createSource = try value.bool() ? true : nil
            default: warnings.append("\(value.path) is not supported: left out")
            }
        }
    }

    private mutating func readTemporary(_ node: ComposeNode, _ request: inout MountRequest) throws(ComposeError) {
        for (name, value) in try node.members() {
            switch name {
            case "size": request.sizeBytes = try value.bytes()
            default: warnings.append("\(value.path) is not supported: left out")
            }
        }
    }

    private func volume(_ key: String, _ path: String) throws(ComposeError) -> String? {
        guard let volume = volumes.first(where: { $0.key == key }) else {
            throw ComposeError(path, "there is no volume '\(key)' at the top level")
        }
        return volume.request.name
    }

    private static func isPath(_ source: String) -> Bool {
        source.hasPrefix("/") || source.hasPrefix(".") || source.hasPrefix("~")
    }

    private func absoluteTarget(_ target: String, _ path: String) throws(ComposeError) -> String {
        guard target.hasPrefix("/") else { throw ComposeError(path, "the target '\(target)' is not absolute") }
        return target
    }

    /// `target` or `target:size=64m,ro`.
    static func temporary(_ text: String, _ path: String) throws(ComposeError) -> MountRequest {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let target = parts.first, target.hasPrefix("/") else {
            throw ComposeError(path, "the target '\(text)' is not absolute")
        }
        var request = MountRequest(type: .tmpfs, target: target)
        for option in parts.dropFirst().joined().split(separator: ",") {
            if option == "ro" { request.readOnly = true }
            if option.hasPrefix("size=") {
                guard let bytes = SizeText.bytes(String(option.dropFirst(5))) else {
                    throw ComposeError(path, "expected a size such as 64m, found '\(option.dropFirst(5))'")
                }
                request.sizeBytes = bytes
            }
        }
        return request
    }
}
