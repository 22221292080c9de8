import KenterProtocol

/// The graph of links in the language of Graphviz: consumers to the left of their sources.
struct LinkDrawing {
    private let graph: LinkGraph.Result

    init(_ graph: LinkGraph.Result) {
        self.graph = graph
    }

    var text: String {
        let circular = Set(graph.cycles.flatMap { $0 })
        var lines = [
            "digraph links {",
            "  graph [rankdir=LR, ranksep=0.9, nodesep=0.35, fontname=\"Helvetica\", fontsize=11, labelloc=b, "
                + "label=\(quoted(caption))]",
            "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=13, margin=\"0.18,0.08\", "
                + "penwidth=1.2]",
            "  edge [fontname=\"Helvetica\", fontsize=11, arrowsize=0.8, color=\"#4a5568\", fontcolor=\"#2d3748\"]",
        ]
        for node in graph.nodes { lines.append("  \(quoted(node.name)) [\(look(of: node))]") }
        for edge in graph.edges {
            var attributes = "label=\(quoted(" \(edge.alias) "))"
            if circular.contains(edge.consumer) && circular.contains(edge.source) {
                attributes += ", color=\"#c05621\", penwidth=1.8"
            }
            if edge.state != .active { attributes += ", style=dashed" }
            lines.append("  \(quoted(edge.consumer)) -> \(quoted(edge.source)) [\(attributes)]")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private var caption: String {
        if graph.edges.isEmpty { return "no links" }
        var lines = ["start order: "]
        for (index, group) in graph.startOrder.enumerated() {
            let text = group.joined(separator: " + ") + (index == graph.startOrder.count - 1 ? "" : ", ")
            if lines[lines.count - 1].count + text.count > 90 { lines.append("") }
            lines[lines.count - 1] += text
        }
        if graph.edges.contains(where: { $0.state != .active }) {
            lines.append("dashed: a link whose path is closed now")
        }
        if !graph.cycles.isEmpty { lines.append("orange: a circle, which starts together") }
        return lines.joined(separator: "\n")
    }

    private func look(of node: LinkGraph.Node) -> String {
        let status = node.status?.rawValue ?? "missing"
        let (fill, border) =
            switch node.status {
            case .running: ("#e6f4ea", "#2f855a")
            case nil: ("#ffffff", "#c53030")
            default: ("#edf2f7", "#718096")
            }
        // The status in words as well: colours do not reach everybody.
        let style = node.status == nil ? ", style=\"rounded,dashed\"" : ""
        return
            "label=\(quoted("\(HumanText.shortened(id: node.name))\n\(status)")), fillcolor=\"\(fill)\", color=\"\(border)\"\(style)"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
