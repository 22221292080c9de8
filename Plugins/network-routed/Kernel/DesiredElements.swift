import KenterProtocol
import Netlink

// What each object contributes to the table: pure functions of the records.

extension Network {
    var elements: [Element] {
        subnets.map(Element.subnet) + (isIsolated ? [] : subnets.map(Element.openSubnet))
    }
}

extension Attachment {
    func elements(in network: Network) -> [Element] {
        var elements: [Element] = []
        for address in addresses { elements += [.source(device: device, address), .hairpin(address)] }
        if network.isInternal { elements.append(.closedDevice(device)) }
        // Checked when the attachment was made.
        let own = (try? TransportPort.list(request.hostPorts ?? [])) ?? []
        elements += (network.hostServices + own).map { .hostService(device: device, $0) }
        for port in boundPorts { elements += self.elements(of: port) }
        return elements
    }

    /// A port on an address of a family that the container does not have is relayed, not translated; so is ::1.
    private func elements(of port: Port) -> [Element] {
        guard let host = port.hostAddress.flatMap(IPAddress.init), let hostPort = port.hostPort,
            let address = address(host.family), !(host.family == .ipv6 && host.isLoopback)
        else { return [] }
        let outer = TransportPort(transport: port.protocol, number: hostPort)
        let inner = TransportPort(transport: port.protocol, number: port.containerPort)
        return [
            .published(hostAddress: host, outer, to: address, containerPort: port.containerPort), .open(address, inner),
        ]
    }
}

extension LinkRecord {
    /// Nothing until both ends are attached to the link's own network; then a path in every family that both have.
    func elements(from: Attachment?, to: Attachment?) -> [Element] {
        guard let from, let to, from.request.networkId == networkId, to.request.networkId == networkId else {
            return []
        }
        return IPAddress.Family.allCases.flatMap { family -> [Element] in
            guard let source = from.address(family), let destination = to.address(family) else { return [] }
            return [.echo(from: source, to: destination)]
                + ports.map { .link(from: source, to: destination, $0) }
        }
    }
}
