import KenterProtocol

/// A container's ports in one line: `3306/tcp, 0.0.0.0:8000->80/tcp, [::]:8000->80/tcp`.
///
/// Neighbours that are only exposed, or published on the same number, are gathered as `7000-7002/tcp`.
enum PortList {
    private struct Group {
        var address: String?
        var transport: Port.TransportProtocol
        var first: UInt16
        var last: UInt16

        var text: String {
            let range = first == last ? "\(first)" : "\(first)-\(last)"
            return address.map { "\(PortList.bracketed($0)):\(range)->\(range)/\(transport.rawValue)" }
                ?? "\(range)/\(transport.rawValue)"
        }
    }

    static func text(_ ports: [Port]) -> String {
        var closed: [String] = []
        var open: [Group] = []
        var mapped: [String] = []
        for port in ports.sorted(by: precedes) {
            let number = port.containerPort
            if let hostPort = port.hostPort, hostPort != number {
                mapped.append("\(bracketed(port.hostAddress ?? "")):\(hostPort)->\(number)/\(port.protocol.rawValue)")
                continue
            }
            let address = port.hostPort == nil ? nil : port.hostAddress ?? ""
            let next = Group(address: address, transport: port.protocol, first: number, last: number)
            guard let index = open.firstIndex(where: { $0.address == address && $0.transport == port.protocol }) else {
                open.append(next)
                continue
            }
            if Int(number) == Int(open[index].last) + 1 {
                open[index].last = number
            } else {
                closed.append(open[index].text)
                open[index] = next
            }
        }
        return (closed + open.map(\.text) + mapped).joined(separator: ", ")
    }

    /// An address before the colon of a port: `[::]`.
    static func bracketed(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

    private static func precedes(_ left: Port, _ right: Port) -> Bool {
        let leftKey = (left.containerPort, left.hostAddress ?? "", left.hostPort ?? 0, left.protocol.rawValue)
        let rightKey = (right.containerPort, right.hostAddress ?? "", right.hostPort ?? 0, right.protocol.rawValue)
        return leftKey < rightKey
    }
}
