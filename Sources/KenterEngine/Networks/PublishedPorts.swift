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
    ///
    /// - Parameters:
    ///   - call: Asks for ports; a `conflict` that names one of them moves the range of that one on.
    ///   - undo: Ends what a refused call may have begun, before the next one.
    static func choosingPorts<Result: Sendable>(
        of records: [PublishRecord], _ call: ([Port]) async throws -> Result, undo: () async throws -> Void
    ) async throws -> Result {
        var offsets = [UInt16](repeating: 0, count: records.count)
        while true {
            let ports = zip(records, offsets).map { $0.port(offset: $1) }
            do {
                return try await call(ports)
            } catch let error as RPCError {
                guard let taken = error.takenPort,
                    let index = ports.firstIndex(of: taken), records[index].canMove(offsets[index])
                else { throw error }
                offsets[index] += 1
            }
            try await undo()
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
