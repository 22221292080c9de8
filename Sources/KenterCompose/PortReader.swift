import JSONRPC

/// Reads an entry of `ports`, short (`127.0.0.1:8000:80/tcp`) or long, as the engine's `publish` has it.
enum PortReader {
    static func read(_ node: ComposeNode) throws(ComposeError) -> String {
        guard node.value.object != nil else {
            let text = try node.text()
            guard !text.isEmpty else { throw ComposeError(node.path, "the port is empty") }
            return text
        }
        var (target, published, address, transport): (String?, String?, String?, String?)
        for (name, value) in try node.members() where !name.hasPrefix("x-") {
            switch name {
            case "target": target = try value.text()
            case "published": published = try value.text()
            case "host_ip": address = try value.text()
            case "protocol": transport = try value.text()
            case "mode", "name", "app_protocol": break  // They change nothing for one host.
            default: throw ComposeError(value.path, "a port has no such key")
            }
        }
        guard let target else { throw ComposeError(node.path, "a port needs a target") }
        var text = target
        if let published { text = "\(published):\(text)" }
        if let address {
            let host = address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
            text = published == nil ? "\(host)::\(text)" : "\(host):\(text)"
        }
        return text + (transport.map { "/\($0)" } ?? "")
    }

    /// What tells an entry from others: address, both ports and protocol.
    static func key(_ node: ComposeNode) throws(ComposeError) -> String {
        var text = try read(node)
        if text.hasSuffix("/tcp") { text.removeLast(4) }
        return text.hasPrefix("0.0.0.0:") ? String(text.dropFirst(8)) : text
    }
}
