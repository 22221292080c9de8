import JSONRPC
import KenterProtocol

/// A port of a transport protocol: `5432/tcp`.
struct TransportPort: Sendable, Hashable {
    var transport: Port.TransportProtocol
    var number: UInt16

    /// The most services of the host that one attachment or network may name: each is an element of a set.
    static let countMax = 1024

    /// Parses `5432/tcp`, `7000-7010/udp` and `80` (TCP); fails with `invalidParams` for anything else, and beyond
    /// ``countMax`` ports.
    static func list(_ texts: [String]) throws(RPCError) -> [TransportPort] {
        var ports: [TransportPort] = []
        for text in texts {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.count == 2 ? String(parts[1]) : "tcp"
            guard let transport = Port.TransportProtocol(rawValue: name), let range = PortRange.parse(parts[0]) else {
                throw RPCError(.invalidParams, "hostPorts: '\(text)' is no port such as 5432/tcp or 7000-7010/udp")
            }
            guard ports.count + range.count <= countMax else {
                throw RPCError(
                    .invalidParams, "hostPorts names more than \(countMax) ports; name those that are needed")
            }
            ports += range.map { TransportPort(transport: transport, number: $0) }
        }
        return ports
    }
}
