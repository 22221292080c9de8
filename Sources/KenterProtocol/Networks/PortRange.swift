/// Ports of one protocol as texts have them: `80`, `7000-7010`.
package enum PortRange {
    /// From 1 to 65535, in ascending order; `nil` for anything else.
    package static func parse(_ text: some StringProtocol) -> ClosedRange<UInt16>? {
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count <= 2, let first = bounds.first.flatMap({ number($0) }),
            let last = bounds.last.flatMap({ number($0) }),
            1 <= first, first <= last
        else { return nil }
        return first...last
    }

    /// Reads `3306/tcp` or `7000-7010/udp`; tcp where nothing is said.
    package static func parseExposed(
        _ text: some StringProtocol
    ) -> (protocol: Port.TransportProtocol, ports: ClosedRange<UInt16>)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let ports = parse(parts[0]), parts.count <= 2 else { return nil }
        if parts.count == 1 { return (.tcp, ports) }
        return Port.TransportProtocol(rawValue: String(parts[1])).map { ($0, ports) }
    }

    /// Digits only: `UInt16("+80")` is a number, too.
    package static func number(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(text)
    }
}
