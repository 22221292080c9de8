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
