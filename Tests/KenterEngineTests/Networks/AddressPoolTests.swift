import JSONRPC
import KenterProtocol
import KenterState
import Netlink
import Testing

@testable import KenterEngine

/// Which address a container gets.
@Suite struct AddressPoolTests {
    private func pool(_ subnet: String, _ records: [AddressRecord] = []) throws -> AddressPool {
        let gateways = subnet.contains(":") ? ["fe80::1"] : ["10.0.0.1"]
        return AddressPool(subnet: try #require(IPPrefix(subnet)), gateways: gateways, records: records)
    }

    private func record(
        _ address: String, _ container: String, isInUse: Bool = false, releasedAt: Int64 = 0
    ) -> AddressRecord {
        AddressRecord(
            address: address, containerId: container, isInUse: isInUse, releasedAt: .init(nanoseconds: releasedAt))
    }

    @Test(arguments: [("10.0.0.0/24", "10.0.0.2"), ("fd00::/64", "fd00::2")])
    func `the first address is the second of the subnet`(subnet: String, first: String) throws {
        #expect(try pool(subnet).address(forContainer: "a", requested: nil).description == first)
    }

    @Test func `a container gets its last address back while that is free`() throws {
        let records = [record("10.0.0.9", "a", releasedAt: 1), record("10.0.0.7", "a", releasedAt: 2)]
        #expect(try pool("10.0.0.0/24", records).address(forContainer: "a", requested: nil).description == "10.0.0.7")
        let taken = [record("10.0.0.9", "b", isInUse: true)]
        #expect(try pool("10.0.0.0/24", taken).address(forContainer: "a", requested: nil).description == "10.0.0.2")
    }

    @Test(arguments: [("10.0.0.0/29", "10.0.0."), ("fd00::/125", "fd00::")])
    func `a released address is given to others last, the longest released first`(
        subnet: String, prefix: String
    ) throws {
        var records = (2...6).map { record("\(prefix)\($0)", "b", releasedAt: Int64(10 - $0)) }
        if prefix.contains(":") { records.append(record("fd00::7", "b", isInUse: true)) }
        #expect(try pool(subnet, records).address(forContainer: "a", requested: nil).description == "\(prefix)6")
        let full = (2...7).map { record("\(prefix)\($0)", "b", isInUse: true) }
        let error = #expect(throws: RPCError.self) {
            try pool(subnet, full).address(forContainer: "a", requested: nil)
        }
        #expect(error?.kind == .exhausted)
    }

    @Test(arguments: [
        ("10.0.0.1", RPCError.Kind.conflict), ("10.0.0.0", .conflict), ("10.0.0.255", .conflict),
        ("10.0.0.5", .conflict), ("10.0.1.5", .invalidParams), ("fd00::5", .invalidParams), ("10.0.0", .invalidParams),
    ])
    func `an address that cannot be had is refused`(address: String, kind: RPCError.Kind) throws {
        let records = [record("10.0.0.5", "b", isInUse: true)]
        let error = #expect(throws: RPCError.self) {
            try pool("10.0.0.0/24", records).address(forContainer: "a", requested: address)
        }
        #expect(error?.kind == kind)
    }

    @Test func `records of the other family are passed over`() throws {
        let records = [record("fd00::2", "a", isInUse: true), record("10.0.0.2", "a", isInUse: true)]
        #expect(try pool("fd00::/64", records).address(forContainer: "b", requested: nil).description == "fd00::3")
    }
}
