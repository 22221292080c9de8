import KenterProtocol

/// `--filter` of `kenter events`: kinds, also in Docker's words, and objects.
struct EventFilters {
    private var kinds: [String] = []
    private var nouns: [String] = []
    private var (ids, containers, links): ([String], [String], [String]) = ([], [], [])

    static let kindsByNoun: [String: [String]] = [
        "container": [
            "copyIn", "copyOut", "created", "exec", "exited", "health", "killed", "paused", "removed", "renamed",
            "restarted", "resumed", "started", "stopped", "updated", "waiting",
        ],
        "image": ["imported", "loaded", "pulled", "removed", "tagged", "untagged"],
        "link": ["created", "removed", "updated"],
        "network": ["connected", "created", "disconnected", "removed"],
        "volume": ["created", "removed"],
        // What plugins tell has names of their own.
        "plugin": [],
    ]

    /// Docker's words for what happens.
    private static let words = [
        "archive-path": "copyOut", "connect": "connected", "create": "created", "delete": "removed",
        "destroy": "removed", "die": "exited", "disconnect": "disconnected", "exec_create": "exec",
        "exec_start": "exec", "extract-to-dir": "copyIn", "health_status": "health", "import": "imported",
        "kill": "killed", "load": "loaded", "pause": "paused", "pull": "pulled", "remove": "removed",
        "rename": "renamed", "restart": "restarted", "start": "started", "stop": "stopped", "tag": "tagged",
        "unpause": "resumed", "untag": "untagged", "update": "updated",
    ]

    init(_ filters: [String]) throws(CommandFailure) {
        for text in filters {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Self.invalid(text, Self.forms) }
            let value = parts[1]
            switch parts[0] {
            case "kind", "event": kinds += try Self.kinds(value, text)
            case "type":
                guard Self.kindsByNoun[value] != nil else {
                    throw Self.invalid(text, "use one of \(Self.kindsByNoun.keys.sorted().joined(separator: ", "))")
                }
                nouns.append(value)
            case "id": ids.append(value)
            case "container": containers.append(value)
            case "link": links.append(String(value.drop { $0 == "/" }))
            default: throw Self.invalid(text, Self.forms)
            }
        }
        guard !kinds.isEmpty, !nouns.isEmpty else { return }
        let (wanted, types) = (kinds, nouns)
        kinds = wanted.filter { kind in types.contains { kind == $0 || kind.hasPrefix($0 + ".") } }
        guard !kinds.isEmpty else {
            throw CommandFailure(
                "these filters match nothing: \(wanted[0]) is none of \(types.joined(separator: ", "))")
        }
    }

    /// What the engine is asked for; `nil` for everything.
    var request: EventsSubscribe.Filter? {
        func given(_ list: [String]) -> [String]? { list.isEmpty ? nil : list }
        let filter = EventsSubscribe.Filter(
            kinds: given(kinds.isEmpty ? nouns : kinds), ids: given(ids), containers: given(containers),
            links: given(links))
        let isEmpty = filter.kinds == nil && filter.ids == nil && filter.containers == nil && filter.links == nil
        return isEmpty ? nil : filter
    }

    /// A noun, a kind, or a verb in the engine's words or Docker's, which may be of several nouns.
    private static func kinds(_ value: String, _ text: String) throws(CommandFailure) -> [String] {
        if kindsByNoun[value] != nil || value.hasPrefix("plugin.") { return [value] }
        let all = kindsByNoun.flatMap { noun, verbs in verbs.map { "\(noun).\($0)" } }.sorted()
        if all.contains(value) { return [value] }
        // Docker says how healthy a container is behind a colon.
        let word = String(value.prefix { $0 != ":" })
        let verb = words[word] ?? word
        let found = all.filter { $0.hasSuffix(".\(verb)") }
        guard !found.isEmpty else { throw invalid(text, "there is no such kind, but \(all.joined(separator: ", "))") }
        return found
    }

    private static let forms = "use kind=…, event=…, type=…, container=…, link=… or id=…"

    private static func invalid(_ text: String, _ detail: String) -> CommandFailure {
        CommandFailure("invalid filter '\(text)': \(detail)")
    }
}
