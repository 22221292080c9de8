public import JSONRPC

/// A port of a container, published or only exposed.
public struct Port: Codable, Sendable, Hashable {
    public enum TransportProtocol: String, Codable, Sendable, CaseIterable {
        case tcp, udp, sctp
    }

    /// The host's address it is published on (`0.0.0.0`, `::`, `127.0.0.1`); missing in a request: every address.
    public var hostAddress: String?
    /// Missing where the port is only exposed; missing in a request to publish: any free port.
    public var hostPort: UInt16?
    public var containerPort: UInt16
    public var `protocol`: TransportProtocol

    public init(
        hostAddress: String? = nil, hostPort: UInt16? = nil, containerPort: UInt16, `protocol`: TransportProtocol
    ) {
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.containerPort = containerPort
        self.`protocol` = `protocol`
    }
}

extension RPCError {
    private static let port = "port"

    /// That a host port is taken: a `conflict` whose `data.port` says which of the ports that were asked for. The engine
    /// goes on with the next one of its range.
    public static func portTaken(_ port: Port, _ message: String) -> RPCError {
        do {
            return RPCError(.conflict, message, details: [Self.port: try JSONValueEncoder().encode(port)])
        } catch {
            preconditionFailure("a port that is no JSON: \(error)")
        }
    }

    /// The port that is taken, where that is what failed.
    public var takenPort: Port? {
        guard kind == .conflict, let value = details[Self.port] else { return nil }
        // Whatever else a peer has put there is no port.
        return try? JSONValueDecoder().decode(Port.self, from: value)
    }
}
