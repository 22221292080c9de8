import JSONRPC
import KenterProtocol

/// `--filter` of `kenter ps`: of one kind any may be true, of each kind one has to be; every label has to be there.
struct ContainerFilters {
    private(set) var labels: [String] = []
    /// What is looked for, by the kind of filter.
    private var wanted: [String: [String]] = [:]
    private static let kinds = ["name", "id", "status", "ancestor", "health", "exited"]
    private static let states = ["created", "restarting", "running", "removing", "paused", "exited", "dead"]

    init(_ filters: [String]) throws(CommandFailure) {
        for filter in filters {
            let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0] == "label" || Self.kinds.contains(parts[0]) else {
                let kinds = (["label"] + Self.kinds).map { "\($0)=…" }.joined(separator: ", ")
                throw CommandFailure("invalid filter '\(filter)': use one of \(kinds)")
            }
            if parts[0] == "status", !Self.states.contains(parts[1]) {
                throw CommandFailure("invalid filter '\(filter)': use one of \(Self.states.joined(separator: ", "))")
            }
            if parts[0] == "name" { try NamePattern.check(parts[1]) }
            if parts[0] == "label" { labels.append(parts[1]) } else { wanted[parts[0], default: []].append(parts[1]) }
        }
    }

    /// Whether containers that do not run are asked for, as in Docker without `--all`, too.
    var concernEnded: Bool { wanted["status"] != nil || wanted["exited"] != nil }

    func match(_ container: JSONValue) -> Bool {
        guard let object = container.object else { return false }
        func text(_ member: String) -> String { object[member]?.string ?? "" }
        return wanted.allSatisfy { kind, values in
            values.contains { value in
                switch kind {
                // As in Docker: an expression that matches the container's own name, with a slash in front or without.
                case "name":
                    NamePattern.matches(value, text("name")) || NamePattern.matches(value, "/" + text("name"))
                case "id": text("id").hasPrefix(value)
                case "status": text("state") == value
                case "ancestor": Self.tagged(text("image")) == Self.tagged(value)
                case "health": (object["health"]?.string ?? "none") == value
                default: text("status").hasPrefix("Exited (\(value))")
                }
            }
        }
    }

    private static func tagged(_ image: String) -> String {
        image.split(separator: "/").last?.contains(":") == true ? image : "\(image):latest"
    }
}
