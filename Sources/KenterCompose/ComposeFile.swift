package import JSONRPC

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
    static func isFirstVersion(_ top: JSONObject) -> Bool {
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
