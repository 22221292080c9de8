import KenterProtocol

/// Ports of one protocol as texts have them: `80`, `7000-7010`.
enum PortRange {
    static func parse(_ text: Substring) -> ClosedRange<UInt16>? {
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count <= 2, let first = bounds.first.flatMap(number), let last = bounds.last.flatMap(number),
            1 <= first, first <= last
        else { return nil }
        return first...last
    }

    /// Reads `3306/tcp` or `7000-7010/udp`; tcp where nothing is said.
    static func parseExposed(_ text: String) -> (protocol: Port.TransportProtocol, ports: ClosedRange<UInt16>)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let ports = parse(parts[0]), parts.count <= 2 else { return nil }
        if parts.count == 1 { return (.tcp, ports) }
        return Port.TransportProtocol(rawValue: String(parts[1])).map { ($0, ports) }
    }

    /// Digits only: `UInt16("+80")` is a number, too.
    private static func number(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(text)
    }
}
