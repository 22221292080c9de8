import JSONRPC
import KenterProtocol
import KenterState
import Netlink

/// Ports as people write them, read as Docker reads them and with its texts.
enum PortSpecification {
    /// `[hostAddress:][hostPort:]containerPort[/protocol]`; ports may be ranges of one length.
    static func publish(_ text: String) throws(RPCError) -> [PublishRecord] {
        let slashed = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let transport = try transportProtocol(slashed.count > 1 ? slashed[1] : "tcp")
        var (address, rest) = try hostAddress(slashed[0], text)
        if rest.count == 3 {
            address = try checkAddress(String(rest.removeFirst()))
        }
        let container = rest.last ?? ""
        guard !container.isEmpty else { throw invalid("No port specified: \(text)<empty>") }
        let containerPorts = try range(container, "containerPort")
        let host = rest.count > 1 ? rest[0] : ""
        guard !host.isEmpty, host != "0" else {
            return containerPorts.map {
                PublishRecord(hostAddress: address, containerPort: $0, transport: transport)
            }
        }
        let hostPorts = try range(host, "hostPort")
        if containerPorts.count == 1 {
            return [
                PublishRecord(
                    hostAddress: address, hostPorts: [hostPorts.lowerBound, hostPorts.upperBound],
                    containerPort: containerPorts.lowerBound, transport: transport)
            ]
        }
        guard hostPorts.count == containerPorts.count else {
            throw invalid("Invalid ranges specified for container and host Ports: \(container) and \(host)")
        }
        return zip(hostPorts, containerPorts).map { host, container in
            PublishRecord(
                hostAddress: address, hostPorts: [host, host], containerPort: container, transport: transport)
        }
    }

    /// The most ports that one container may expose: all of two protocols. A line of a list has to hold them.
    static let exposedPortCountMax = 131_072

    /// The most services of the host that one container or network may reach.
    static let hostPortCountMax = 1024

    /// Services of the host: `5432/tcp`, `7000-7010/udp`, `80` (TCP).
    static func checkHostPorts(_ texts: [String]) throws(RPCError) {
        var count = 0
        for text in texts {
            count += try exposedRange(text).ports.count
            guard count <= hostPortCountMax else {
                throw invalid("hostPorts names more than \(hostPortCountMax) ports; name those that are needed")
            }
        }
    }

    /// `80`, `80/udp`, `7000-7010/tcp`.
    static func expose(_ text: String) throws(RPCError) -> [String] {
        let (ports, transport) = try exposedRange(text)
        return ports.map { "\($0)/\(transport.rawValue)" }
    }

    private static func exposedRange(
        _ text: String
    ) throws(RPCError) -> (ports: ClosedRange<UInt16>, transport: Port.TransportProtocol) {
        guard !text.contains(":") else { throw invalid("invalid port format for --expose: \(text)") }
        func refused(_ reason: String) -> RPCError {
            invalid("invalid range format for --expose: \(text), error: \(reason)")
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty else { throw refused("Empty string specified for ports.") }
        let transport = try transportProtocol(parts.count > 1 ? parts[1] : "tcp")
        let bounds = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var numbers: [UInt16] = []
        for bound in bounds {
            if let number = PortRange.number(bound), number > 0 {
                numbers.append(number)
            } else {
                let reason = bound.allSatisfy(\.isNumber) && !bound.isEmpty ? "value out of range" : "invalid syntax"
                throw refused("strconv.ParseUint: parsing \"\(bound)\": \(reason)")
            }
        }
        let (first, last) = (numbers[0], numbers[numbers.count - 1])
        guard first <= last else { throw refused("Invalid range specified for the Port: \(parts[0])") }
        return (first...last, transport)
    }

    /// Splits off a bracketed IPv6 address; what is left has at most three parts.
    private static func hostAddress(_ text: String, _ whole: String) throws(RPCError) -> (String?, [String]) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let address = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(":"), isIPv6(address) else { throw invalid("Invalid ip address: \(text)") }
            let parts = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2 else { throw invalid("Invalid ip address: \(text)") }
            return (address, parts)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3 else {
            let address = parts.dropLast(2).joined(separator: ":")
            throw invalid("Invalid ip address \(address): address \(address):: too many colons in address")
        }
        if text.isEmpty { throw invalid("No port specified: <empty>") }
        return (nil, parts)
    }

    private static func checkAddress(_ address: String) throws(RPCError) -> String? {
        if address.isEmpty { return nil }
        guard IPAddress(address)?.family == .ipv4 else { throw invalid("Invalid ip address: \(address)") }
        return address
    }

    private static func isIPv6(_ text: String) -> Bool { IPAddress(text)?.family == .ipv6 }

    private static func range(_ text: String, _ what: String) throws(RPCError) -> ClosedRange<UInt16> {
        guard let range = PortRange.parse(text) else { throw invalid("Invalid \(what): \(text)") }
        return range
    }

    private static func transportProtocol(_ text: String) throws(RPCError) -> Port.TransportProtocol {
        // Docker takes what stands before a second slash.
        let name = text.split(separator: "/", omittingEmptySubsequences: false).first.map { $0.lowercased() } ?? ""
        guard let transport = Port.TransportProtocol(rawValue: name) else { throw invalid("Invalid proto: \(text)") }
        return transport
    }

    private static func invalid(_ text: String) -> RPCError { RPCError(.invalidParams, text) }
}
