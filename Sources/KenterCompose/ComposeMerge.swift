import JSONRPC

/// Makes one compose file of several by the rules of Docker's compose: mappings are merged, single values replaced, lists
/// appended to, but for what ``rules`` says (https://docs.docker.com/reference/compose-file/merge/).
struct ComposeMerge {
    /// What becomes of a value that a later file gives again.
    private enum Rule {
        /// The later one stands alone.
        case replace
        /// Names with values, as a mapping or as a list of `NAME=value`; the later value of a name stands.
        case pairs
        /// Names as a list, or as a mapping that says more of each.
        case names(each: JSONValue)
        /// A text or a list; of entries with one key the later one takes the earlier one's place.
        case list(key: @Sendable (ComposeNode) throws(ComposeError) -> String)
    }

    /// By place, with `*` for the name of a service, network or volume.
    private static let rules: [String: Rule] = {
        var rules: [String: Rule] = [
            "services.*.healthcheck.test": .replace, "services.*.deploy.labels": .pairs, "networks.*.labels": .pairs,
            "volumes.*.labels": .pairs, "services.*.networks": .names(each: .null),
            "services.*.depends_on": .names(each: ["condition": "service_started"]),
            "services.*.volumes": .list(key: VolumeReader.target), "services.*.ports": .list(key: PortReader.key),
            "services.*.links": .list(key: linkAlias), "services.*.env_file": .list(key: environmentFile),
            "services.*.extra_hosts": .list { node throws(ComposeError) in host(text(node)) },
            "services.*.tmpfs": .list { node throws(ComposeError) in String(text(node).prefix { $0 != ":" }) },
        ]
        for key in ["command", "entrypoint", "build"] { rules["services.*.\(key)"] = .replace }
        for key in ["environment", "labels", "annotations", "sysctls", "ulimits"] {
            rules["services.*.\(key)"] = .pairs
        }
        for key in ["cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "expose", "profiles"] {
            rules["services.*.\(key)"] = .list(key: text)
        }
        return rules
    }()

    /// As in files of version 1: what stands at the top are services.
    private let isFirstVersion: Bool

    init(isFirstVersion: Bool) {
        self.isFirstVersion = isFirstVersion
    }

    func merged(_ base: JSONObject, _ later: JSONObject) throws(ComposeError) -> JSONObject {
        try members(base, later, isFirstVersion ? ["services"] : [], replaces: false)
    }

    private func members(
        _ base: JSONObject, _ later: JSONObject, _ path: [String], replaces: Bool
    ) throws(ComposeError) -> JSONObject {
        var result = base
        for member in later.members {
            let name = member.name
            switch ComposeTag(member.value) {
            case .reset: result[name] = nil
            case .override(let value): result[name] = ComposeTag.removed(value)
            case nil:
                guard let present = base[name], !replaces else {
                    result[name] = ComposeTag.removed(member.value)
                    continue
                }
                result[name] = try value(present, member.value, path + [name])
            }
        }
        return result
    }

    private func value(_ base: JSONValue, _ later: JSONValue, _ path: [String]) throws(ComposeError) -> JSONValue {
        let place = path.joined(separator: ".")
        let pattern = path.enumerated().map { $0 == 1 ? "*" : $1 }.joined(separator: ".")
        switch (Self.rules[pattern], base, later) {
        case (.replace, _, _): return ComposeTag.removed(later)
        case (_, _, .null): return base
        case (.pairs, _, _):
            let (base, later) = (try Self.pairs(base, place), try Self.pairs(later, place))
            return .object(try members(base, later, path, replaces: true))
        case (.names(let each), _, _):
            let (base, later) = (try Self.names(base, each, place), try Self.names(later, each, place))
            return .object(try members(base, later, path, replaces: false))
        case (.list(let key), _, _):
            return .array(try Self.unique(Self.items(base) + Self.items(ComposeTag.removed(later)), key, place))
        case (nil, .object(let base), .object(let later)):
            return .object(try members(base, later, path, replaces: false))
        case (nil, .array(let base), .array(let later)):
            return .array(base + later.map(ComposeTag.removed))
        case (nil, .object, _), (nil, .array, _):
            throw ComposeError(place, "\(later.typeName) in a later file cannot replace \(base.typeName)")
        case (nil, _, _): return ComposeTag.removed(later)
        }
    }

    // MARK: forms

    private static func pairs(_ value: JSONValue, _ place: String) throws(ComposeError) -> JSONObject {
        if case .object(let object) = value { return object }
        let pairs = try ComposeNode(path: place, value: value).pairs()
        return JSONObject(pairs.map { ($0.name, $0.value.map { .string($0) } ?? .null) })
    }

    private static func names(
        _ value: JSONValue, _ each: JSONValue, _ place: String
    ) throws(ComposeError) -> JSONObject {
        if case .object(let object) = value { return object }
        return JSONObject(try ComposeNode(path: place, value: value).texts().map { ($0, each) })
    }

    private static func items(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .null: []
        case .array(let items): items
        case .object(let object): object.members.map { .string("\($0.name)=\($0.value.string ?? "")") }
        default: [value]
        }
    }

    private static func unique(
        _ items: [JSONValue], _ key: (ComposeNode) throws(ComposeError) -> String, _ place: String
    ) throws(ComposeError) -> [JSONValue] {
        var result: [JSONValue] = []
        var places: [String: Int] = [:]
        for item in items {
            let key = try key(ComposeNode(path: place, value: item))
            if let index = places[key] {
                result[index] = item
            } else {
                places[key] = result.count
                result.append(item)
            }
        }
        return result
    }

    // MARK: keys

    private static func text(_ node: ComposeNode) -> String { node.value.string ?? node.value.text }

    /// A container has one link of a name; options behind the name do not make it another one.
    private static func linkAlias(_ node: ComposeNode) -> String {
        let words = text(node).prefix { $0 != "," }.split(separator: ":", maxSplits: 1)
        return words.last.map(String.init) ?? ""
    }

    private static func environmentFile(_ node: ComposeNode) -> String {
        node.value.object?["path"]?.string ?? text(node)
    }

    /// `name:address` and `name=address` are one.
    private static func host(_ text: String) -> String {
        guard let separator = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return text }
        return "\(text[..<separator])=\(text[text.index(after: separator)...])"
    }
}

/// `!reset` and `!override` before a value, as `kenter-yaml` writes them: an object with that one name.
enum ComposeTag {
    /// What earlier files have said is forgotten.
    case reset
    /// The value stands alone.
    case override(JSONValue)

    static let names: Set<String> = ["!reset", "!override"]

    init?(_ value: JSONValue) {
        guard let member = value.object?.members.first else { return nil }
        switch member.name {
        case "!reset": self = .reset
        case "!override": self = .override(member.value)
        default: return nil
        }
    }

    /// The value as it is where there is nothing to forget.
    static func removed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            if case .override(let inner) = ComposeTag(value) { return removed(inner) }
            var kept = JSONObject()
            for member in object.members {
                if case .reset = ComposeTag(member.value) { continue }
                kept[member.name] = removed(member.value)
            }
            return .object(kept)
        case .array(let items):
            return .array(
                items.compactMap { item in
                    if case .reset = ComposeTag(item) { return nil }
                    return removed(item)
                })
        default: return value
        }
    }
}
