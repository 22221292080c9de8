import JSONRPC
import KenterProtocol
import Testing

struct OptionTests {
    private static let env = [
        "LANG=C", "MYSQL_USER=kim", "MYSQL_ROOT_PASSWORD=hidden", "API_TOKEN=hidden", "SSH_KEY=hidden",
        "DATABASE=postgres://kim:hidden@db/app", "HOMEPAGE=https://example.org/a@b:c",
    ]
    private static let secrets = ["MYSQL_ROOT_PASSWORD", "API_TOKEN", "SSH_KEY", "DATABASE"]

    private func inherited(_ options: [String: String]) async throws -> (passed: [String], plan: LinkPlan) {
        let plan = try await LinkLegacyProcess.plan(.sample(options: options, env: Self.env))
        let prefix = "MYSQL_ENV_"
        return (plan.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }, plan)
    }

    @Test func `env=all passes everything and warns of secrets by name only`() async throws {
        let (passed, plan) = try await inherited([:])
        #expect(passed.count == Self.env.count)
        #expect(plan.withheld == [])
        #expect(plan.warnings.count == 1)
        for name in Self.secrets { #expect(plan.warnings[0].contains(name)) }
        #expect(!plan.warnings[0].contains("hidden"))
        #expect(plan.env.filter { $0.sensitive == true }.map(\.name) == Self.secrets.map { "MYSQL_ENV_\($0)" })
    }

    @Test func `env=safe withholds what looks secret, and says so`() async throws {
        let (passed, plan) = try await inherited(["env": "safe"])
        #expect(passed == ["LANG", "MYSQL_USER", "HOMEPAGE"])
        #expect(plan.withheld == Self.secrets)
        #expect(plan.warnings == [])
        #expect(!plan.env.contains { $0.value.contains("hidden") })
    }

    @Test func `env=none passes nothing of the source's own`() async throws {
        let (passed, plan) = try await inherited(["env": "none"])
        #expect(passed == [])
        #expect(plan.withheld.count == Self.env.count)
        #expect(plan.names.contains("MYSQL_PORT") && plan.names.contains("MYSQL_NAME"))
    }

    @Test func `allow and deny choose by name, and deny wins`() async throws {
        let chosen = try await inherited(["allow": "MYSQL_*:LAN?", "deny": "*_PASSWORD"])
        #expect(chosen.passed == ["LANG", "MYSQL_USER"])
        let safe = try await inherited(["env": "safe", "allow": "MYSQL_*"])
        #expect(safe.passed == ["MYSQL_USER"])
    }

    @Test func `address=name puts the alias into every value that names the source`() async throws {
        let plan = try await LinkLegacyProcess.plan(
            .sample(alias: "db", options: ["address": "name"], ports: ["80/tcp", "81/tcp"]))
        let values = Dictionary(uniqueKeysWithValues: plan.env.map { ($0.name, $0.value) })
        #expect(values["DB_PORT"] == "tcp://db:80")
        #expect(values["DB_PORT_80_TCP_ADDR"] == "db")
        #expect(values["DB_PORT_80_TCP_END"] == "tcp://db:81")
        #expect(plan.hosts.map(\.address) == ["172.17.0.2"])
    }

    @Test func `files=yes projects the source in service-binding layout`() async throws {
        let request = ProviderLinkPlan.sample(
            options: ["files": "yes"], ports: ["3306/tcp", "33060/tcp"], labels: ["kenter.link.type": "mysql"])
        let files = try await LinkLegacyProcess.plan(request).files
        #expect(
            Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.content) }) == [
                "host": "172.17.0.2", "port": "3306", "uri": "tcp://172.17.0.2:3306", "type": "mysql",
                "provider": "kenter",
            ])
        #expect(files.allSatisfy { $0.mode == "0444" })
        #expect(try await LinkLegacyProcess.plan(.sample(options: ["files": "no"])).files == [])
    }

    @Test func `rules=v27 takes the lowest number and wants runs of three`() async throws {
        func names(_ rules: String) async throws -> LinkPlan {
            try await LinkLegacyProcess.plan(
                .sample(alias: "db", options: ["rules": rules], ports: ["53/udp", "80/tcp", "81/tcp"]))
        }
        let new = try await names("v28")
        let old = try await names("v27")
        #expect(new.assignments.first == "DB_PORT=tcp://172.17.0.2:80")
        #expect(old.assignments.first == "DB_PORT=udp://172.17.0.2:53")
        #expect(new.names.contains("DB_PORT_80_TCP_START"))
        #expect(!old.names.contains { $0.hasSuffix("_START") })
        #expect(new.firewall == old.firewall)
    }

    @Test func `an IPv6 source gets a second line, and brackets where only IPv6 is there`() async throws {
        let both = try await LinkLegacyProcess.plan(.sample(ipv6: "fd00::2"))
        #expect(both.hosts.map(\.address) == ["172.17.0.2", "fd00::2"])
        #expect(both.hosts[0].names == both.hosts[1].names)
        let only = try await LinkLegacyProcess.plan(.sample(ipv4: nil, ipv6: "fd00::2"))
        #expect(only.assignments.first == "MYSQL_PORT=tcp://[fd00::2]:3306")
        #expect(only.assignments.contains("MYSQL_PORT_3306_TCP_ADDR=fd00::2"))
    }

    @Test func `an alias that is the hostname stands twice in the hosts line, as Docker writes it`() async throws {
        let plan = try await LinkLegacyProcess.plan(.sample(alias: "6e5cdeb2d300"))
        #expect(plan.hosts.map(\.names) == [["6e5cdeb2d300", "6e5cdeb2d300", "mysqldb"]])
    }

    @Test func `a source without address gives no values that hold one`() async throws {
        let plan = try await LinkLegacyProcess.plan(.sample(ipv4: nil, env: ["A=1"]))
        #expect(plan.assignments == ["MYSQL_NAME=/web/mysql", "MYSQL_ENV_A=1"])
        #expect(plan.hosts == [])
        #expect(plan.warnings.count == 1)
    }

    @Test func `the firewall opens what is exposed, neighbours as ranges`() async throws {
        let plan = try await LinkLegacyProcess.plan(
            .sample(ports: ["7002/tcp", "7000/tcp", "7001/tcp", "80/tcp", "53/udp", "9/sctp", "65535/udp", "80/tcp"]))
        #expect(
            plan.firewall == [
                LinkPortRule(protocol: .tcp, ports: ["80", "7000-7002"]), LinkPortRule(protocol: .sctp, ports: ["9"]),
                LinkPortRule(protocol: .udp, ports: ["53", "65535"]),
            ])
    }

    @Test(arguments: [
        (["env": "some"], "invalid value 'some' of the link option 'env': it takes 'all', 'safe' or 'none'"),
        (["address": ""], "invalid value '' of the link option 'address': it takes 'ip' or 'name'"),
        (["files": "true"], "invalid value 'true' of the link option 'files': it takes 'no' or 'yes'"),
        (["rules": "v26"], "invalid value 'v26' of the link option 'rules': it takes 'v28' or 'v27'"),
        (
            ["allow": ":"],
            "invalid value ':' of the link option 'allow': it takes patterns of variable names, separated by ':', "
                + "such as 'MYSQL_*:LANG'"
        ),
        (
            ["colour": "red"],
            "unknown link option 'colour': link-legacy takes env, allow, deny, address, files or rules; "
                + "the engine takes wait, wait-timeout, rebind and provider"
        ),
    ])
    func `an option that is not taken is refused by name`(options: [String: String], text: String) async throws {
        let error = await #expect(throws: RPCError.self) {
            try await LinkLegacyProcess.plan(.sample(options: options))
        }
        #expect(error?.kind == .invalidParams)
        #expect(error?.message == text)
    }

    @Test(arguments: ["0/tcp", "65536/tcp", "80/http", "80-79/tcp", "80/tcp/udp", "", "a", "-1/tcp", "80-/tcp"])
    func `a port that is none is refused`(port: String) async throws {
        let error = await #expect(throws: RPCError.self) {
            try await LinkLegacyProcess.plan(.sample(ports: [port]))
        }
        #expect(error?.kind == .invalidParams)
    }

    @Test func `describe names every option with its values, and what may be produced`() async throws {
        let answers = try await LinkLegacyProcess.answers([ProviderLinkDescribe()])
        let description = try #require(answers.first).get()
        let options = try #require(description.options["properties"]?.object)
        #expect(Set(options.names) == ["env", "allow", "deny", "address", "files", "rules"])
        #expect(options["env"]?.object?["enum"] == ["all", "safe", "none"])
        #expect(description.produces.env == ["{ALIAS}_NAME", "{ALIAS}_PORT", "{ALIAS}_PORT_*", "{ALIAS}_ENV_*"])
        #expect(description.produces.files.sorted() == ["host", "port", "provider", "type", "uri"])
    }
}
