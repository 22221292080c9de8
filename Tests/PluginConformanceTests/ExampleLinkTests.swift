import JSONRPC
import TestSupport
import Testing

/// What the examples of link providers make of a source, variable by variable.
@Suite("The examples of link providers") struct ExampleLinkTests {
    private static let longestLines = 60

    /// A link, and what comes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var alias = "db"
        var ipv4: String? = "172.17.0.2"
        var ipv6: String?
        var env: [String] = []
        var ports: [String]
        var options: JSONObject = [:]
        /// `NAME=VALUE`, in order; ignored where it fails.
        var expected: [String] = []
        /// What the refusal says; `nil` where it must succeed.
        var refusal: String?
    }

    private func answer(_ plugin: String, _ link: Case) async throws -> JSONValue {
        var addresses = JSONObject()
        if let ipv4 = link.ipv4 { addresses["ipv4"] = .string(ipv4) }
        if let ipv6 = link.ipv6 { addresses["ipv6"] = .string(ipv6) }
        let source: JSONValue = [
            "id": "s1", "name": "source", "hostname": "f00", "addresses": .object(addresses),
            "env": .array(link.env.map { .string($0) }), "exposedPorts": .array(link.ports.map { .string($0) }),
            "labels": [:], "running": true,
        ]
        let request: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "provider.link.plan",
            "params": [
                "linkId": "l1", "alias": .string(link.alias), "options": .object(link.options),
                "consumer": ["id": "c1", "name": "web", "hostname": "c1", "addresses": [:]], "source": source,
            ],
        ]
        let path = "\(BuildProducts.checkout)/Plugins/Examples/\(plugin)"
        let result = try await Command.run([path], input: request.bytes + [0x0a])
        #expect(result.exit == 0 && result.errors.isEmpty, "\(result)")
        return try JSONValue(text: result.line)
    }

    private func expectPlan(_ plugin: String, _ link: Case) async throws {
        let answer = try await answer(plugin, link)
        if let refusal = link.refusal {
            #expect(answer["error"]["data"]["kind"] == "invalidParams")
            #expect(answer["error"]["message"].string == refusal)
            return
        }
        let plan = answer["result"]
        let variables = (plan["env"].array ?? []).map { "\($0["name"].string ?? "")=\($0["value"].string ?? "")" }
        #expect(variables == link.expected, "\(answer.text)")
        // Whatever is linked, its name resolves and its ports are open, in whichever order.
        let address = link.ipv4 ?? link.ipv6
        #expect(plan["hosts"] == (address.map { [["address": .string($0), "names": [.string(link.alias)]]] } ?? []))
        let rules = (plan["firewall"].array ?? []).map {
            "\($0["ports"][0].string ?? "")/\($0["protocol"].string ?? "")"
        }
        #expect(rules.sorted() == link.ports.sorted())
    }

    private static let postgres = ["POSTGRES_USER=u", "POSTGRES_PASSWORD=a b/@:", "POSTGRES_DB=shop"]

    static let databases: [Case] = [
        Case(
            testDescription: "postgres", env: postgres + ["PATH=/bin", "OTHER"], ports: ["5432/tcp"],
            expected: ["DB_URL=postgres://u:a%20b%2F%40%3A@172.17.0.2:5432/shop"]),
        Case(
            testDescription: "mysql", alias: "my-sql",
            env: ["MYSQL_USER=app", "MYSQL_PASSWORD=p=q", "MYSQL_DATABASE=wp"],
            ports: ["33060/tcp", "3306/tcp"], expected: ["MY_SQL_URL=mysql://app:p%3Dq@172.17.0.2:3306/wp"]),
        Case(
            testDescription: "mysql without a password", env: ["MYSQL_USER=app"], ports: ["3306/tcp"],
            expected: ["DB_URL=mysql://app@172.17.0.2:3306/"]),
        Case(
            testDescription: "redis", alias: "cache", ports: ["6379/tcp"],
            expected: ["CACHE_URL=redis://172.17.0.2:6379/"]),
        Case(
            testDescription: "redis with a password", alias: "cache", env: ["REDIS_PASSWORD=x?", "POSTGRES_USER=no"],
            ports: ["6379/tcp"], expected: ["CACHE_URL=redis://:x%3F@172.17.0.2:6379/"]),
        Case(
            testDescription: "the name that frameworks read", alias: "database", env: postgres, ports: ["5432/tcp"],
            expected: ["DATABASE_URL=postgres://u:a%20b%2F%40%3A@172.17.0.2:5432/shop"]),
        Case(
            testDescription: "two databases in one container", ports: ["5432/tcp", "6379/tcp"],
            expected: ["DB_URL=postgres://172.17.0.2:5432/", "DB_REDIS_URL=redis://172.17.0.2:6379/"]),
        Case(
            testDescription: "IPv6 alone", ipv4: nil, ipv6: "fd00::2", ports: ["6379/tcp"],
            expected: ["DB_URL=redis://[fd00::2]:6379/"]),
        Case(testDescription: "the port of another protocol", ports: ["5432/udp"]),
        Case(testDescription: "no address", ipv4: nil, env: postgres, ports: ["5432/tcp"]),
        Case(
            testDescription: "an option", ports: ["5432/tcp"], options: ["names": "x"],
            refusal: "link-database-url has no option 'names'"),
    ]

    @Test("A database's URL", arguments: databases)
    func databaseURL(link: Case) async throws { try await expectPlan("link-database-url", link) }

    @Test("A URL is a secret when a password is in it", arguments: [(["REDIS_PASSWORD=x"], true), ([], false)])
    func secret(env: [String], isSensitive: Bool) async throws {
        let link = Case(testDescription: "", env: env, ports: ["6379/tcp"])
        let answer = try await answer("link-database-url", link)
        #expect(answer["result"]["env"][0]["sensitive"] == .bool(isSensitive))
        #expect(answer["result"]["env"][0]["from"] == "port 6379/tcp")
    }

    /// As Kubernetes' kubelet has them, pkg/kubelet/envvars: FromServices, makeLinkVariables.
    static let services: [Case] = [
        Case(
            testDescription: "one port", ports: ["5432/tcp"],
            expected: [
                "DB_SERVICE_HOST=172.17.0.2", "DB_SERVICE_PORT=5432", "DB_PORT=tcp://172.17.0.2:5432",
                "DB_PORT_5432_TCP=tcp://172.17.0.2:5432", "DB_PORT_5432_TCP_PROTO=tcp", "DB_PORT_5432_TCP_PORT=5432",
                "DB_PORT_5432_TCP_ADDR=172.17.0.2",
            ]),
        Case(
            testDescription: "several ports, TCP first and by number, with names", alias: "my-dns",
            ports: ["53/udp", "8080/tcp", "53/tcp"], options: ["names": "dns-tcp/53:web/8080"],
            expected: [
                "MY_DNS_SERVICE_HOST=172.17.0.2", "MY_DNS_SERVICE_PORT=53", "MY_DNS_SERVICE_PORT_DNS_TCP=53",
                "MY_DNS_SERVICE_PORT_WEB=8080", "MY_DNS_PORT=tcp://172.17.0.2:53",
                "MY_DNS_PORT_53_TCP=tcp://172.17.0.2:53", "MY_DNS_PORT_53_TCP_PROTO=tcp", "MY_DNS_PORT_53_TCP_PORT=53",
                "MY_DNS_PORT_53_TCP_ADDR=172.17.0.2",
                "MY_DNS_PORT_8080_TCP=tcp://172.17.0.2:8080", "MY_DNS_PORT_8080_TCP_PROTO=tcp",
                "MY_DNS_PORT_8080_TCP_PORT=8080", "MY_DNS_PORT_8080_TCP_ADDR=172.17.0.2",
                "MY_DNS_PORT_53_UDP=udp://172.17.0.2:53", "MY_DNS_PORT_53_UDP_PROTO=udp", "MY_DNS_PORT_53_UDP_PORT=53",
                "MY_DNS_PORT_53_UDP_ADDR=172.17.0.2",
            ]),
        Case(
            testDescription: "IPv6 alone", ipv4: nil, ipv6: "fd00::2", ports: ["80/tcp"],
            expected: [
                "DB_SERVICE_HOST=fd00::2", "DB_SERVICE_PORT=80", "DB_PORT=tcp://[fd00::2]:80",
                "DB_PORT_80_TCP=tcp://[fd00::2]:80", "DB_PORT_80_TCP_PROTO=tcp", "DB_PORT_80_TCP_PORT=80",
                "DB_PORT_80_TCP_ADDR=fd00::2",
            ]),
        Case(testDescription: "no port", ports: []),
        Case(testDescription: "no address", ipv4: nil, ports: ["80/tcp"]),
        Case(
            testDescription: "a name for a port that is not there", ports: ["80/tcp"], options: ["names": "web/81"],
            refusal: "names: the source does not expose 81"),
        Case(
            testDescription: "an option that there is not", ports: ["80/tcp"], options: ["prefix": "x"],
            refusal: "link-kubernetes has no option 'prefix'"),
    ]

    @Test("A service's variables", arguments: services)
    func serviceVariables(link: Case) async throws { try await expectPlan("link-kubernetes", link) }

    @Test("An example is short enough to be read at once", arguments: ["link-database-url", "link-kubernetes"])
    func short(plugin: String) {
        let text = TextFile.read("\(BuildProducts.checkout)/Plugins/Examples/\(plugin)")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect((1...Self.longestLines).contains(lines.count), "\(plugin) has \(lines.count) lines")
        #expect(lines.allSatisfy { $0.count <= 120 }, "packed lines do not count")
    }
}
