import JSONRPC
import KenterProtocol

/// One port that a source exposes.
struct ExposedPort: Hashable {
    var number: UInt16
    var transport: Port.TransportProtocol

    /// As configured: `3306/tcp`.
    var text: String { "\(number)/\(transport.rawValue)" }
}

/// Consecutive ports of one protocol.
struct PortRun: Equatable {
    var first: ExposedPort
    var last: ExposedPort
}

/// The ports that a source exposes, each once.
struct ExposedPorts {
    private let ports: Set<ExposedPort>

    /// Reads `3306/tcp`, `3306` (tcp) and `7000-7010/udp`.
    ///
    /// Fails with `invalidParams` for anything else.
    init(_ texts: [String]) throws {
        var ports: Set<ExposedPort> = []
        for text in texts { ports.formUnion(try Self.parse(text)) }
        self.ports = ports
    }

    var isEmpty: Bool { ports.isEmpty }

    private static func parse(_ text: String) throws -> [ExposedPort] {
        guard let (transport, ports) = PortRange.parseExposed(text) else {
            throw RPCError(
                .invalidParams, "invalid exposed port '\(text)': it must look like 3306/tcp or 7000-7010/udp")
        }
        return ports.map { ExposedPort(number: $0, transport: transport) }
    }

    /// In the order in which variables name them.
    ///
    /// - v28: tcp, then the other protocols by name; then by number.
    /// - v27: by number; tcp first where two have the same.
    func ordered(by rules: LinkOptions.Rules) -> [ExposedPort] {
        func rank(_ port: ExposedPort) -> (Int, String) { (port.transport == .tcp ? 0 : 1, port.transport.rawValue) }
        return ports.sorted { left, right in
            switch rules {
            case .v28: rank(left) != rank(right) ? rank(left) < rank(right) : left.number < right.number
            case .v27: left.number != right.number ? left.number < right.number : rank(left) < rank(right)
            }
        }
    }

    /// Runs that get variables of their own, from two ports (v28) or three (v27) on, ordered by their first port.
    func runs(by rules: LinkOptions.Rules) -> [PortRun] {
        let smallest = rules == .v28 ? 2 : 3
        return ordered(by: rules).compactMap { first in
            guard let run = run(from: first), Int(run.last.number - first.number) + 1 >= smallest else { return nil }
            return run
        }
    }

    /// The longest run that starts at this port; `nil` when the port continues one.
    private func run(from first: ExposedPort) -> PortRun? {
        func neighbour(_ port: ExposedPort, _ step: Int) -> ExposedPort? {
            guard let number = UInt16(exactly: Int(port.number) + step) else { return nil }
            let neighbour = ExposedPort(number: number, transport: port.transport)
            return ports.contains(neighbour) ? neighbour : nil
        }
        guard neighbour(first, -1) == nil else { return nil }
        var last = first
        while let next = neighbour(last, 1) { last = next }
        return PortRun(first: first, last: last)
    }

    /// What the consumer may reach: every exposed port, neighbours as ranges.
    var firewall: [LinkPortRule] {
        var rules: [LinkPortRule] = []
        for first in ordered(by: .v28) {
            guard let run = run(from: first) else { continue }
            let text = run.first == run.last ? "\(first.number)" : "\(first.number)-\(run.last.number)"
            if rules.last?.protocol == first.transport {
                rules[rules.count - 1].ports.append(text)
            } else {
                rules.append(LinkPortRule(protocol: first.transport, ports: [text]))
            }
        }
        return rules
    }
}
