import KenterProtocol

/// The graph of links as a tree: consumers, and below them what they are linked to.
struct LinkTree {
    private let graph: LinkGraph.Result
    private let statuses: [String: String]
    private let edges: [String: [LinkGraph.Edge]]

    init(_ graph: LinkGraph.Result) {
        self.graph = graph
        statuses = Dictionary(graph.nodes.map { ($0.name, $0.status?.rawValue ?? "missing") }) { first, _ in first }
        edges = Dictionary(grouping: graph.edges, by: \.consumer)
    }

    var text: String {
        if graph.edges.isEmpty { return "no links\n" }
        var lines: [String] = []
        var shown: Set<String> = []
        for root in roots where !shown.contains(root) {
            lines.append(title(root))
            shown.insert(root)
            addSources(of: root, above: [root], indentation: "", &lines, &shown)
        }
        lines.append("")
        lines.append("start order: " + graph.startOrder.map { $0.joined(separator: " + ") }.joined(separator: ", "))
        for cycle in graph.cycles { lines.append("circle: \(cycle.joined(separator: ", ")) start together") }
        return lines.map { TerminalText.escaped($0) + "\n" }.joined()
    }

    /// Those that nobody is linked to; then, for circles that nothing leads into, everybody else.
    private var roots: [String] {
        let sources = Set(graph.edges.map(\.source))
        let consumers = graph.nodes.map(\.name).filter { edges[$0] != nil }
        return consumers.filter { !sources.contains($0) } + consumers.filter { sources.contains($0) }
    }

    private func title(_ name: String) -> String {
        "\(HumanText.shortened(id: name)) (\(statuses[name] ?? "missing"))"
    }

    private func addSources(
        of consumer: String, above: Set<String>, indentation: String, _ lines: inout [String],
        _ shown: inout Set<String>
    ) {
        let edges = edges[consumer] ?? []
        for (index, edge) in edges.enumerated() {
            let isLast = index == edges.count - 1
            var line = "\(indentation)\(isLast ? "└── " : "├── ")"
            line += edge.alias == edge.source ? title(edge.source) : "\(edge.alias) → \(title(edge.source))"
            let isCircle = above.contains(edge.source)
            let isRepeated = !isCircle && shown.contains(edge.source) && self.edges[edge.source] != nil
            if isCircle { line += " ↺" }
            if isRepeated { line += " …" }
            lines.append(line)
            // Every container's sources are shown once: a graph may have far more ways through it than links.
            guard !isCircle, shown.insert(edge.source).inserted else { continue }
            addSources(
                of: edge.source, above: above.union([edge.source]),
                indentation: indentation + (isLast ? "    " : "│   "), &lines, &shown)
        }
    }
}
