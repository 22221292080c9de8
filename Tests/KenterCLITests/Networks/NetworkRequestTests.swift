import KenterProtocol
import Testing

@testable import kenter

/// From the words of `kenter network create` to the parameters of `network.create`.
@Suite struct NetworkRequestTests {
    private func request(_ words: [String]) throws -> NetworkCreate {
        let command = try Program.parse(NetworkCreateCommand.self, ["network", "create"], words, nil)
        return try #require(command as? NetworkCreateCommand).request()
    }

    @Test func `what was not said is not sent`() throws {
        #expect(try request(["front"]) == NetworkCreate(networkName: "front"))
    }

    @Test func `every option has its place`() throws {
        let found = try request([
            "-d", "other", "--subnet", "10.7.0.0/24", "--subnet", "fd00::/64", "--gateway", "10.7.0.254", "--internal",
            "--isolated", "--ipv6", "--host-port", "5432/tcp", "--label", "a=b", "-o", "mtu=1400", "-o", "colour=red",
            "front",
        ])
        #expect(
            found
                == NetworkCreate(
                    networkName: "front", subnet: "10.7.0.0/24", gateway: "10.7.0.254", ipv6Subnet: "fd00::/64",
                    ipv6: true, internal: true, isolated: true, hostPorts: ["5432/tcp"], mtu: 1400, provider: "other",
                    options: ["colour": "red"], labels: ["a": "b"]))
    }

    @Test func `Docker's own words are understood`() throws {
        let found = try request([
            "--driver", "bridge", "-o", "com.docker.network.driver.mtu=1400", "-o",
            "com.docker.network.bridge.enable_icc=false", "front",
        ])
        #expect(found == NetworkCreate(networkName: "front", isolated: true, mtu: 1400))
    }

    @Test(arguments: [
        ["--subnet", "10.1.0.0/16", "--subnet", "10.2.0.0/16"],
        ["--subnet", "fd00::/64", "--ipv6-subnet", "fd01::/64"],
        ["-o", "mtu=big"],
    ])
    func `what cannot be is refused before anything is sent`(words: [String]) {
        #expect(throws: OptionError.self) { try request(words + ["front"]) }
    }
}
