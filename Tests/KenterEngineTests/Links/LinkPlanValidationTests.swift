import JSONRPC
import KenterEngine
import KenterProtocol
import Testing

struct LinkPlanValidationTests {
    private static let request = ProviderLinkPlan(
        linkId: "l1", alias: "my-db",
        consumer: .init(id: "c1", name: "web", hostname: "c", addresses: .init(ipv4: "172.17.0.3")),
        source: .init(
            id: "s1", name: "mysqldb", hostname: "6e5cdeb2d300",
            addresses: .init(ipv4: "172.17.0.2", ipv6: "fd00::2"),
            exposedPorts: ["3306/tcp", "7000-7010/udp"], running: true))

    private static let products = ProviderLinkDescribe.Products(
        env: ["{ALIAS}_*", "LD_PRELOAD", "SHARED"], files: ["host", "tls/*"])

    private func validated(_ plan: LinkPlan, granted: Set<String> = []) throws -> LinkPlan {
        try LinkPlanValidation(Self.request, provider: "p", produces: Self.products, granted: granted).validated(plan)
    }

    @Test func `a plan within the rules passes, addresses printed anew`() throws {
        let plan = LinkPlan(
            env: [.init(name: "MY_DB_PORT", value: "tcp://172.17.0.2:3306"), .init(name: "SHARED", value: "a\nb")],
            hosts: [
                .init(address: "172.17.0.2", names: ["my-db", "6e5cdeb2d300", "mysqldb"]),
                .init(address: "FD00:0::2", names: ["my-db"]),
            ],
            files: [
                .init(path: "host", mode: "0444", content: "x"), .init(path: "tls/key", mode: "0440", content: "y"),
            ],
            firewall: [.init(protocol: .tcp, ports: ["3306"]), .init(protocol: .udp, ports: ["7000-7010", "7003"])],
            withheld: ["SECRET"], warnings: ["one\u{1b}[31m"])
        var expected = plan
        expected.hosts[1].address = "fd00::2"
        expected.warnings = ["one\\u{1b}[31m"]
        #expect(try validated(plan) == expected)
    }

    private static func env(_ name: String, _ value: String = "") -> LinkPlan {
        LinkPlan(env: [.init(name: name, value: value)])
    }
    private static func hosts(_ address: String, _ names: [String]) -> LinkPlan {
        LinkPlan(hosts: [.init(address: address, names: names)])
    }
    private static func file(_ path: String, _ mode: String = "0444") -> LinkPlan {
        LinkPlan(files: [.init(path: path, mode: mode, content: "")])
    }
    private static func port(_ text: String, _ transport: Port.TransportProtocol = .tcp) -> LinkPlan {
        LinkPlan(firewall: [.init(protocol: transport, ports: [text])])
    }

    private static let hostile: [(plan: LinkPlan, fault: String)] = [
        (env(""), "impossible name"), (env("A=B"), "impossible name"), (env("MY_DB_A\nB"), "impossible name"),
        (env("MY_DB_A\u{7f}"), "impossible name"), (env("MY_DB_A", "a\u{0}b"), "a NUL"),
        (LinkPlan(env: [.init(name: "SHARED", value: "1"), .init(name: "SHARED", value: "1")]), "twice"),
        (env("PATH"), "none of the variables"), (env("OTHER_PORT"), "none of the variables"),
        (env("MY_D"), "none of the variables"), (env("LD_PRELOAD"), "needs a grant"),
        (env("MY_DB_PROXY"), "needs a grant"), (env("MY_DB_http_proxy"), "needs a grant"),
        (hosts("172.17.0.9", ["my-db"]), "no address of the source"),
        (hosts("127.0.0.1 evil", ["my-db"]), "which is no address"),
        (hosts("172.17.0.2\n1.2.3.4", ["my-db"]), "which is no address"), (hosts("", ["my-db"]), "which is no address"),
        (hosts("172.17.0.2", []), "without or with too many names"),
        (hosts("172.17.0.2", ["google.com"]), "neither the alias"),
        (hosts("172.17.0.2", ["my-db\n6.6.6.6 evil"]), "neither the alias"),
        (file("/etc/passwd"), "impossible path"), (file("../x"), "impossible path"),
        (file("tls/../../x"), "impossible path"),
        (file("..data"), "impossible path"), (file("tls/.hidden"), "impossible path"), (file(""), "impossible path"),
        (file("tls//x"), "impossible path"), (file("a/b/c/d/e"), "impossible path"),
        (file("host\n"), "impossible path"),
        (file("other"), "none of those"), (file("host", "0666"), "a mode"), (file("host", "4755"), "a mode"),
        (
            LinkPlan(files: [
                .init(path: "host", mode: "0444", content: ""), .init(path: "host", mode: "0444", content: ""),
            ]),
            "twice"
        ),
        (
            LinkPlan(files: [
                .init(path: "tls/a", mode: "0444", content: ""), .init(path: "tls/a/b", mode: "0444", content: ""),
            ]), "below another"
        ),
        (port("22"), "does not expose"), (port("3306", .udp), "does not expose"), (port("1-65535"), "does not expose"),
        (port("7000-7011", .udp), "does not expose"), (port("0"), "no port"), (port("x"), "no port"),
        (port("7010-7000", .udp), "no port"), (port("+3306"), "no port"), (port("3306-"), "no port"),
        (port("3306 accept"), "no port"),
    ]

    @Test(arguments: hostile)
    func `what a provider may not return is refused, naming it`(plan: LinkPlan, fault: String) {
        let error = #expect(throws: RPCError.self) { try validated(plan) }
        #expect(error?.kind == .pluginProtocol)
        #expect(error?.message.contains(fault) == true, "\(error?.message ?? "no error")")
        #expect(error?.message.contains("web/my-db") == true)
        #expect(error?.message.contains("\n") == false)
    }

    @Test func `a grant allows one delicate variable`() throws {
        _ = try validated(Self.env("LD_PRELOAD", "/x.so"), granted: ["LD_PRELOAD"])
    }

    @Test func `a legacy link's own variables need no grant, whatever its alias`() throws {
        var request = Self.request
        request.alias = "ld"
        let validation = LinkPlanValidation(request, provider: "p", produces: .init(env: ["{ALIAS}_*"], files: []))
        _ = try validation.validated(Self.env("LD_NAME"))
        _ = try validation.validated(Self.env("LD_PORT_80_TCP"))
        _ = try validation.validated(Self.env("LD_ENV_HTTP_PROXY"))
        #expect(throws: RPCError.self) { try validation.validated(Self.env("LD_ENV_")) }
        #expect(throws: RPCError.self) { try validation.validated(Self.env("LD_PRELOAD")) }
    }

    @Test func `a provider cannot make the check of its plan long`() throws {
        let products = [
            ProviderLinkDescribe.Products(env: Array(repeating: "*a*b*c*", count: 65), files: []),
            ProviderLinkDescribe.Products(env: ["*a*b*c*d*"], files: []),
            ProviderLinkDescribe.Products(env: [String(repeating: "a", count: 257)], files: []),
            ProviderLinkDescribe.Products(env: [], files: Array(repeating: "*", count: 65)),
            ProviderLinkDescribe.Products(env: [], files: ["*****"]),
        ]
        for products in products {
            #expect(throws: RPCError.self) {
                try LinkPlanValidation(Self.request, provider: "p", produces: products).validated(LinkPlan())
            }
        }
    }
}

struct LinkVariablesTests {
    private func plan(_ values: [String: String]) -> LinkPlan {
        LinkPlan(env: values.sorted { $0.key < $1.key }.map { LinkVariable(name: $0.key, value: $0.value) })
    }

    @Test func `two links that set one variable to different values are refused, naming both`() {
        let error = #expect(throws: RPCError.self) {
            try LinkVariables.merged(
                [("db", plan(["DB_ENV_X": "1"])), ("db-env", plan(["DB_ENV_X": "2"]))], consumer: "web")
        }
        #expect(error?.kind == .conflict)
        #expect(
            error?.message == "the links \"db\" and \"db-env\" of web set the variable DB_ENV_X to different values: "
                + "choose another alias for one of them")
    }

    @Test func `one value from two links stands once, in the order of the links`() throws {
        let merged = try LinkVariables.merged(
            [("b", plan(["Z": "1", "Y": "2"])), ("a", plan(["Y": "2", "X": "3"]))], consumer: "web")
        #expect(merged.map(\.name) == ["Y", "Z", "X"])
    }

    @Test func `values that look secret are masked`() {
        let masked = LinkVariables.masked([
            LinkVariable(name: "A", value: "plain"), LinkVariable(name: "B", value: "hidden", sensitive: true),
        ])
        #expect(masked.map(\.value) == ["plain", "******"])
    }
}
