import JSONRPC
import KenterProtocol
import KenterState

extension PublishRecord {
    /// What a container publishes: what it asked for, and every other exposed port with `publishAll`.
    static func all(of definition: ContainerDefinition) -> [PublishRecord] {
        guard definition.publishesAll else { return definition.publish }
        let published = Set(definition.publish.map { "\($0.containerPort)/\($0.transport.rawValue)" })
        return definition.publish
            + definition.config.exposedPorts.filter { !published.contains($0) }.compactMap { text in
                let parts = text.split(separator: "/")
                guard parts.count == 2, let number = UInt16(parts[0]),
                    let transport = Port.TransportProtocol(rawValue: String(parts[1]))
                else { return nil }
                return PublishRecord(containerPort: number, transport: transport)
            }
    }

    /// Tries host ports of a range one after another; a single one is taken or refused.
    static func choosingPorts<Result: Sendable>(
        of records: [PublishRecord], _ call: ([Port]) async throws -> Result
    ) async throws -> Result {
        var offsets = [UInt16](repeating: 0, count: records.count)
        while true {
            let ports = zip(records, offsets).map { $0.port(offset: $1) }
            do {
                return try await call(ports)
            } catch let error as RPCError where error.kind == .conflict {
                // The refused port is named in the text; move that range on, if there is one.
                let index = records.indices.first { index in
                    records[index].canMove(offsets[index])
                        && error.message.contains(":\(ports[index].hostPort.map(String.init) ?? "-") ")
                }
                guard let index else { throw error }
                offsets[index] += 1
            }
        }
    }

    private func port(offset: UInt16) -> Port {
        Port(
            hostAddress: hostAddress, hostPort: hostPorts.map { $0[0] + offset }, containerPort: containerPort,
            protocol: transport)
    }

    private func canMove(_ offset: UInt16) -> Bool {
        guard let hostPorts, hostPorts.count == 2 else { return false }
        return hostPorts[0] + offset < hostPorts[1]
    }
}
