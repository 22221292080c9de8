import JSONRPC
import TestSupport
import Testing

/// Sources that come later, come back as others, or are named by a container that uses their network.
@Suite struct LinkSourceTests {
    @Test func aSourceThatComesLaterBringsItsNamePathAndFiles() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "--isolated", "net")
            try await engine.serve("web", links: ["late:db,files=yes"], options: ["--network", "net"])
            #expect(try await engine.link("web", "db")["state"] == "sourceGone")
            let hosts = try await engine.hosts(of: "web")
            #expect(!hosts.contains { $0.contains("db") })
            try await engine.serve("late", expose: ["80"], options: ["--network", "net"])
            try await engine.expect("web", finds: "late", as: "db")
            #expect(try await engine.kenter("exec", "web", "cat", "/run/kenter/links/db/port") == "80")
            let link = try await engine.link("web", "db")
            #expect(link["state"] == "active" && link["source"] == "late", "\(link.text)")
            #expect(link["pending"].strings.contains("DB_PORT"))
        }
    }

    @Test func aNameLeadsToTheContainerWhoseNetworkIsUsed() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("network", "create", "--isolated", "net")
            try await engine.serve("hub", expose: ["80"], options: ["--network", "net"])
            try await engine.serve("web", links: ["app:db"], options: ["--network", "net"])
            try await engine.kenter(
                "run", "-d", "--name", "app", "--network", "container:hub", "busybox", "sleep", "1d")
            try await engine.expect("web", finds: "hub", as: "db")
            #expect(try await engine.link("web", "db")["source"] == "hub")
            try await engine.kenter("restart", "-t", "0", "web")
            #expect(try await engine.environment(ofFirstProcess: "web").contains { $0.hasPrefix("DB_PORT=tcp://") })
        }
    }

    @Test func aNameIsFollowedToAnotherContainersNetwork() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            for hub in ["one", "two"] { try await engine.serve(hub, expose: ["80"]) }
            func runApp(in hub: String) async throws {
                try await engine.kenter(
                    "run", "-d", "--name", "app", "--network", "container:\(hub)", "busybox", "sleep", "1d")
            }
            try await runApp(in: "one")
            try await engine.serve("web", links: ["app:db,rebind=name"])
            try await engine.expect("web", finds: "one", as: "db")
            try await engine.kenter("rm", "-f", "app")
            // What happens to the old source while nobody has the name is no reason to forget the name.
            try await engine.kenter("rename", "one", "uno")
            try await runApp(in: "two")
            try await engine.expect("web", finds: "two", as: "db")
            let address = try await engine.address(of: "uno")
            #expect(try await engine.kenter(["exec", "web", "nettool", "tcp", address, "80"]).exit == 1)
            try await engine.kenter("rename", "app", "application")
            try await engine.kenter("rm", "-f", "application")
            try await engine.serve("application", expose: ["80"])
            try await engine.expect("web", finds: "application", as: "db")
        }
    }

    @Test func aLinkIsNoNameToRemoveItsSourceBy() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("mysqldb", links: [])
            try await engine.echo("web", links: ["mysqldb:mysql"])
            for name in ["web/mysql", "/web/mysql"] {
                try await engine.expectRefusal(
                    ["rm", "-f", name], exit: 1,
                    saying: "web/mysql is a link; use --link to remove it, or name its source mysqldb")
            }
            try await engine.expect("web", reaches: "tcp", engine.address(of: "mysqldb"), "9000")
        }
    }

    @Test func variablesThatTheKernelWouldNotTakeAreNamedBeforeTheStart() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            // With the link's prefix it is longer than a variable may be.
            let value = String(repeating: "v", count: (128 << 10) - 8)
            try await engine.kenter("run", "-d", "--name", "src", "-e", "BIG=\(value)", "busybox", "sleep", "1d")
            try await engine.kenter("create", "--name", "web", "--link", "src:db", "busybox", "sleep", "1d")
            let text = "the environment of web is too large: the kernel takes less than 131072 bytes in one variable; "
            try await engine.expectRefusal(
                ["start", "web"], exit: 1,
                saying: text + "the largest variables: DB_ENV_BIG (\(value.utf8.count + 11) bytes)")
            // It runs without that link; what is made for an exec is checked as well.
            try await engine.kenter("link", "rm", "web/db")
            try await engine.kenter("start", "web")
            try await engine.kenter("link", "create", "web", "src:db")
            try await engine.expectRefusal(["exec", "web", "true"], exit: 1, saying: text)
            #expect(try await engine.link("web", "db")["pending"] == ["DB_NAME", "DB_ENV_BIG"])
        }
    }
}
