import JSONRPC
import KenterProtocol
import KenterState
import Netlink

// What a network provider answers, checked before it is stored: it ends in hosts files, and before people.
extension NetworkService {
    /// Gateways in their canonical form. Fails with `pluginProtocol` for what is no address.
    static func checked(gateways: [String], of network: NetworkRecord) throws(RPCError) -> [String] {
        guard gateways.count <= 8 else { throw breach(network, "\(gateways.count) gateways") }
        return try gateways.map { text throws(RPCError) in
            guard let address = IPAddress(text) else { throw breach(network, "the gateway '\(text)'") }
            return address.description
        }
    }

    /// Six octets in lower-case hexadecimal digits. Fails with `pluginProtocol` for anything else.
    static func checked(mac: String, of network: NetworkRecord) throws(RPCError) -> String {
        let octets = mac.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard octets.count == 6, octets.allSatisfy({ $0.count == 2 && $0.allSatisfy(isHexadecimalDigit) }) else {
            throw breach(network, "the MAC address '\(mac)'")
        }
        return mac.lowercased()
    }

    /// Published ports, addresses in their canonical form: each is one that was asked for, at its address and host port
    /// where those were asked for. Fails with `pluginProtocol`.
    static func checked(ports: [Port], askedFor asked: [Port], of network: NetworkRecord) throws(RPCError) -> [Port] {
        // One for each family.
        guard ports.count <= asked.count * 2 else { throw breach(network, "\(ports.count) ports") }
        return try ports.map { port throws(RPCError) in
            let address = port.hostAddress.flatMap { IPAddress($0) }
            let isAsked = asked.contains { wanted in
                let wantedAddress = wanted.hostAddress.flatMap { IPAddress($0) }
                return wanted.containerPort == port.containerPort && wanted.protocol == port.protocol
                    && ((wanted.hostPort ?? 0) == 0 || wanted.hostPort == port.hostPort)
                    && (wantedAddress == nil || wantedAddress == address)
            }
            guard let hostPort = port.hostPort, hostPort > 0, address != nil || port.hostAddress == nil, isAsked else {
                throw breach(network, "the port \(shown(port))")
            }
            var port = port
            port.hostAddress = address?.description
            return port
        }
    }

    private static func shown(_ port: Port) -> String {
        "\(port.hostAddress ?? ""):\(port.hostPort.map(String.init) ?? "")->\(port.containerPort)/\(port.protocol.rawValue)"
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func breach(_ network: NetworkRecord, _ what: String) -> RPCError {
        RPCError(
            .pluginProtocol,
            "the network provider '\(network.provider)' has answered \(LogText.escape(what, limit: 128)) on network "
                + "\(network.name), which cannot be")
    }
}
