import KenterProtocol

/// The source as files, one value each, in the layout of the Service Binding Specification
/// (<https://servicebinding.io>, "Workload Projection").
enum BindingFiles {
    /// Every file there can be.
    static let names = ["host", "port", "provider", "type", "uri"]

    /// The label of a source that says what it serves: `mysql`, `redis`.
    static let typeLabel = "kenter.link.type"

    /// No `host`, `port` or `uri` while the source has no address; no `port` or `uri` where it exposes nothing.
    static func files(
        for request: ProviderLinkPlan, ports: ExposedPorts, endpoint: Endpoint?, rules: LinkOptions.Rules
    ) -> [LinkFile] {
        let first = ports.ordered(by: rules).first
        let label = request.source.labels[typeLabel]
        var files: [LinkFile] = []
        func add(_ path: String, _ content: String, from origin: String? = nil) {
            files.append(LinkFile(path: path, mode: "0444", content: content, from: origin))
        }
        if let endpoint {
            add("host", endpoint.address, from: endpoint.address == request.alias ? "alias" : "address")
            if let first {
                add("port", "\(first.number)", from: "port \(first.text)")
                add("uri", endpoint.uri(first), from: "port \(first.text)")
            }
        }
        add("provider", "kenter")
        let origin = label.map { _ in "label \(typeLabel)" } ?? first.map { "port \($0.text)" }
        add("type", label ?? first?.transport.rawValue ?? "container", from: origin)
        return files
    }
}
