import KenterClient
import KenterProtocol

struct ContainerPortCommand: Command {
    static let abstract = "Show where a container's ports are published."

    let engine: EngineOptions
    let container: String
    let port: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        container = arguments.operand("CONTAINER")
        port = arguments.optionalOperand("PORT")
    }

    func run() async throws {
        let wanted = try port.map(Self.parse)
        let client = try await engine.connect()
        let found = try await client.call(ContainerInspect(container: container))
        let published = found.ports.filter { $0.hostPort != nil }.sorted { Self.key($0) < Self.key($1) }
        guard let wanted else {
            for port in published {
                Output.line("\(port.containerPort)/\(port.protocol.rawValue) -> \(Self.address(port))")
            }
            return
        }
        let matching = published.filter { $0.containerPort == wanted.number && $0.protocol == wanted.transport }
        if matching.isEmpty {
            let text = "\(wanted.number)/\(wanted.transport.rawValue)"
            throw CommandFailure("No public port '\(text)' published for \(container)")
        }
        for port in matching { Output.line(Self.address(port)) }
    }

    private static func key(_ port: Port) -> (UInt16, String, String) {
        (port.containerPort, port.protocol.rawValue, port.hostAddress ?? "")
    }

    private static func address(_ port: Port) -> String {
        TerminalText.escaped("\(PortList.bracketed(port.hostAddress ?? "")):\(port.hostPort ?? 0)")
    }

    static func parse(_ text: String) throws(CommandFailure) -> (number: UInt16, transport: Port.TransportProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let number = PortRange.number(parts[0]) else {
            // Docker's text, which scripts may match, behind one that people understand.
            throw CommandFailure("invalid port '\(text)': strconv.ParseUint: parsing \"\(parts[0])\": invalid syntax")
        }
        guard parts.count <= 2,
            let transport = Port.TransportProtocol(rawValue: parts.count == 2 ? String(parts[1]) : "tcp")
        else { throw CommandFailure("invalid port '\(text)': use a number such as 80, or 53/udp") }
        return (number, transport)
    }
}
