import JSONRPC
import TestSupport
import Testing

/// Who reaches whom: every pair, both families, TCP and UDP, exposed and unexposed, through restarts of either side and
/// of the engine. Each refusal stands beside a success of the same moment, so that a server that is down fails too.
@Suite struct ConnectivityMatrixTests {
    @Test func linksOpenExposedPortsInBothFamiliesWhateverRestarts() async throws {
        let configuration = #"{"bridge": {"ipv6Subnet": "fd00:17::/64"}}"#
        try await TestEngine.with(images: ["busybox"], configuration: configuration) { engine in
            try await engine.serve("src", expose: ["80", "53/udp"])
            try await engine.serve("web", expose: ["8080", "54/udp"], links: ["src:db"])
            try await engine.serve("stranger")
            let open: Set<Way> = [Way("web", "src", "tcp", "80"), Way("web", "src", "udp", "53")]
            let names = ["src", "web", "stranger"]
            try await engine.expectWays(open, among: names, on: "bridge", "at first")
            try await engine.kenter("restart", "-t", "0", "src")
            try await engine.expectServing("src")
            try await engine.expectWays(open, among: names, on: "bridge", "after the source")
            #expect(
                try await engine.kenter("exec", "web", "ping", "-6", "-c1", "-W1", "db").contains("1 packets received"))
            try await engine.kenter("restart", "-t", "0", "web")
            try await engine.expectServing("web")
            try await engine.expectWays(open, among: names, on: "bridge", "after the consumer")
            await engine.crash()
            try await engine.start()
            try await engine.expectWays(open, among: names, on: "bridge", "after the engine died")
            try await engine.stop()
            try await engine.start()
            try await engine.expectWays(open, among: names, on: "bridge", "after the engine ended")
            try await engine.kenter("restart", "-t", "0", "src")
            try await engine.expectServing("src")
            try await engine.expectWays(open, among: names, on: "bridge", "after engine and source")
        }
    }

    @Test func networksAreOpenOrIsolatedWithinAndNeverReachEachOther() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let kinds = [("open", "oo", []), ("closed", "cc", ["--isolated"]), ("inner", "ii", ["--internal"])]
            for (network, prefix, options) in kinds {
                let created = try await engine.kenter(["network", "create", "--ipv6"] + options + [network])
                #expect(created.exit == 0, "\(created)")
                try await engine.serve("\(prefix)1", expose: ["80", "53/udp"], options: ["--network", network])
                try await engine.serve(
                    "\(prefix)2", links: network == "closed" ? ["cc1:db"] : [],
                    options: ["--network", network] + (network == "open" ? ["-p", "8000:80"] : []))
            }
            let linked: Set<Way> = [Way("cc2", "cc1", "tcp", "80"), Way("cc2", "cc1", "udp", "53")]
            let world = try await Server(["httpd", "-f", "-p", "80", "-h", "/"], in: engine, outside: true)
            for moment in ["at first", "after the engine died"] {
                try await engine.expectWays(Way.all(["oo1", "oo2"]), among: ["oo1", "oo2"], on: "open", moment)
                try await engine.expectWays(linked, among: ["cc1", "cc2"], on: "closed", moment)
                try await engine.expectWays(Way.all(["ii1", "ii2"]), among: ["ii1", "ii2"], on: "inner", moment)
                for (from, others) in [
                    ("oo1", ["cc1", "ii1"]), ("cc2", ["oo1", "ii1"]), ("ii1", ["oo1", "oo2", "cc1"]),
                ] {
                    for other in others {
                        let reached = try await engine.reached(from: from, to: other)
                        #expect(reached.isEmpty, "\(moment): \(from) reaches \(other): \(reached)")
                    }
                }
                for address in [TestNetwork.outsideAddress, "2001:db8:6b::2"] {
                    try await engine.expect("oo1", reaches: "tcp", address, "80")
                    try await engine.expect("cc1", reaches: "tcp", address, "80")
                    let inner = try await engine.kenter(["exec", "ii1", "nettool", "tcp", address, "80"])
                    #expect(inner.exit == 1, "\(moment): --internal has no way out\n\(inner)")
                }
                // Not through a published port of another network either, for which the gateway is an address of the host.
                let gateway = try await engine.inspect("ii1")["networks"]["inner"]["gateway"].string ?? ""
                try await engine.expect("oo1", reaches: "tcp", TestNetwork.hostAddress, "8000")
                #expect(try await engine.kenter(["exec", "ii1", "nettool", "tcp", gateway, "8000"]).exit == 1)
                if moment == "at first" {
                    await engine.crash()
                    try await engine.start()
                }
            }
            world.stop()
        }
    }

    @Test func aLinkTakesTheNetworkThatBothEndsShare() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for name in ["one", "two"] { try await engine.kenter("network", "create", "--isolated", name) }
            try await engine.serve("src", expose: ["80"], options: ["--network", "two"])
            try await engine.kenter(
                "create", "--name", "web", "--network", "one", "--link", "src:db", "busybox", "sleep", "1d")
            try await engine.expectRefusal(
                ["start", "web"], exit: 1, saying: "Cannot link to /src, as it does not belong to the default network")
            try await engine.kenter("network", "connect", "two", "web")
            try await engine.kenter("start", "web")
            try await engine.expect("web", finds: "src", as: "db")
            // Of several shared networks the consumer's first counts; when it goes, the next one does.
            try await engine.kenter("network", "connect", "one", "src")
            let both = try await engine.inspect("src")["networks"]
            let (one, two) = (both["one"]["ipv4"].string ?? "", both["two"]["ipv4"].string ?? "")
            #expect(try await engine.kenter("exec", "web", "grep", "-w", "db", "/etc/hosts").hasPrefix("\(one)\t"))
            try await engine.expect("web", reaches: "tcp", one, "80")
            #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", two, "80"]).exit == 1)
            try await engine.kenter("network", "disconnect", "one", "src")
            #expect(try await engine.kenter("exec", "web", "grep", "-w", "db", "/etc/hosts").hasPrefix("\(two)\t"))
            try await engine.expect("web", reaches: "tcp", two, "80")
        }
    }
}

/// A way that can be gone: from a container to a port of another.
private struct Way: Hashable, CustomStringConvertible {
    var from: String
    var to: String
    var transport: String
    var port: String

    static let ports = [("tcp", "80"), ("tcp", "8080"), ("udp", "53"), ("udp", "54")]

    init(_ from: String, _ to: String, _ transport: String, _ port: String) {
        (self.from, self.to, self.transport, self.port) = (from, to, transport, port)
    }

    /// Every way among some containers.
    static func all(_ names: [String]) -> Set<Way> {
        Set(
            names.flatMap { from in
                names.filter { $0 != from }.flatMap { to in ports.map { Way(from, to, $0.0, $0.1) } }
            })
    }

    var description: String { "\(from) to \(to):\(port)/\(transport)" }
}

extension TestEngine {
    /// Records an issue for each family in which not just these ways are open, or in which a refusal takes its time.
    fileprivate func expectWays(
        _ open: Set<Way>, among names: [String], on network: String, _ moment: String
    ) async throws {
        for family in ["ipv4", "ipv6"] {
            var found: Set<Way> = []
            for from in names {
                for to in names where to != from {
                    let address = try await inspect(to)["networks"][network][family].string ?? ""
                    #expect(!address.isEmpty, "\(to) has an \(family) address on \(network)")
                    for (transport, port) in try await reached(from: from, address: address) {
                        found.insert(Way(from, to, transport, port))
                    }
                }
            }
            #expect(found == open, "\(moment), \(family)")
        }
    }

    /// The ways from a container to another one, whatever network it is on.
    fileprivate func reached(from: String, to: String) async throws -> [String] {
        var reached: [String] = []
        for (name, network) in try await inspect(to)["networks"].object?.members.map({ ($0.name, $0.value) }) ?? [] {
            for family in ["ipv4", "ipv6"] {
                guard let address = network[family].string else { continue }
                reached += try await self.reached(from: from, address: address).map { "\(name) \(family) \($0)" }
            }
        }
        return reached
    }

    /// The ports of an address that a container reaches, tried in one go.
    private func reached(from: String, address: String) async throws -> [(String, String)] {
        let probes = Way.ports.map { transport, port in
            "nettool \(transport) \(address) \(port) \(transport == "udp" ? "hello" : "")"
        }
        let result = try await kenter(["exec", from, "sh", "-c", probes.joined(separator: "; ")])
        #expect(result.lines.count == Way.ports.count, "\(result)")
        // The kernel limits how many errors it sends for datagrams, but answers every connection.
        #expect(!result.lines.prefix(2).contains("timeout"), "refused at once: \(from) to \(address)\n\(result)")
        return zip(Way.ports, result.lines).filter { $0.1 == "connected" || $0.1 == "echo hello" }.map(\.0)
    }

    /// Waits until a container that was started again serves.
    fileprivate func expectServing(_ name: String) async throws {
        let probe = "nettool udp 127.0.0.1 54 x && nettool tcp 127.0.0.1 80 && nettool tcp 127.0.0.1 8080"
        let serves = try await eventually { try await kenter(["exec", name, "sh", "-c", probe]).exit == 0 }
        if !serves { throw CommandFailure("\(name) does not serve") }
    }
}
