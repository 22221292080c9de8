import Glibc
import JSONRPC
import TestSupport
import Testing

/// Links that come, change and go while containers run.
@Suite struct LinkLiveTests {
    @Test func aLinkMadeWhileBothRunWorksAtOnceAndDisturbsNoOther() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.echo("other", links: [])
            try await engine.serve("web", links: ["other:cache"])
            let connection = try await OpenConnection(from: "web", to: "cache", in: engine)
            let before = try await engine.hosts(of: "web")

            #expect(try await engine.kenter("link", "create", "web", "src:db") == "web/db")
            let after = try await engine.hosts(of: "web")
            #expect(Array(after.dropLast()) == before)
            #expect(after.last == "\(try await engine.address(of: "src"))\tdb \(try await engine.shortID("src")) src")
            try await engine.expect("web", reaches: "tcp", engine.address(of: "src"), "9000")
            #expect(try await !engine.environment(ofFirstProcess: "web").contains { $0.hasPrefix("DB_") })
            #expect(try await engine.kenter("exec", "web", "env").contains("DB_PORT=tcp://"))
            let link = try await engine.link("web", "db")
            #expect(link["state"] == "active")
            #expect(link["pending"].strings.contains("DB_PORT_9000_TCP_ADDR"))
            #expect(try await connection.isOpen)

            let second = try await OpenConnection(from: "web", to: "db", in: engine)
            try await engine.kenter("link", "rm", "web/db")
            #expect(try await engine.hosts(of: "web") == before)
            #expect(try await second.hasEnded)
            #expect(try await connection.isOpen)
            let probe = try await engine.kenter([
                "exec", "web", "nettool", "tcp", engine.address(of: "src"), "9000",
            ])
            #expect(probe.exit == 1, "\(probe)")

            try await engine.kenter("link", "create", "web", "src:db")
            try await engine.kenter("restart", "-t", "0", "web")
            #expect(try await engine.environment(ofFirstProcess: "web").contains { $0.hasPrefix("DB_PORT=tcp://") })
            #expect(try await engine.link("web", "db")["pending"] == [])
            try await engine.kenter("rm", "--link", "/web/cache")
            #expect(try await engine.kenter("link", "ls", "-q") == "web/db")
        }
    }

    @Test func aLinkOfACreatedContainerComesWithItsStart() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.kenter("create", "--name", "web", "busybox", "sleep", "1d")
            try await engine.kenter("link", "create", "web", "src:db,env=safe,files=yes")
            #expect(try await engine.link("web", "db")["state"] == "inactive")
            try await engine.kenter("start", "web")
            #expect(try await engine.environment(ofFirstProcess: "web").contains { $0.hasPrefix("DB_PORT=tcp://") })
            #expect(
                try await engine.kenter("exec", "web", "cat", "/run/kenter/links/db/port") == "9000")
            for (arguments, text) in [
                (["web", "web:me"], "container web cannot be linked to itself"),
                (["web", "src:db"], "link alias \"db\" is already used by src"),
                (["web", "nosuch"], "could not get container for nosuch: No such container: nosuch"),
                (["web", "src:x,colour=red"], "unknown link option 'colour'"),
                (["web", "src:a b"], "invalid link alias \"a b\""), (["nosuch", "src"], "No such container: nosuch"),
            ] {
                try await engine.expectRefusal(["link", "create"] + arguments, exit: 1, saying: text)
            }
        }
    }

    @Test func theOptionsOfALinkAreSeenInTheContainer() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "-d", "--name", "src", "--expose", "80", "--expose", "81", "--expose", "53/udp", "-e",
                "APP_TOKEN=hidden", "-e", "APP_MODE=fast", "-e", "LANG=C", "--label", "kenter.link.type=app", "busybox",
                "sleep", "1d")
            let created = try await engine.kenter([
                "run", "-d", "--name", "web", "--link", "src:all", "--link", "src:safe,env=safe", "--link",
                "src:none,env=none", "--link", "src:some,allow=APP_*:LANG,deny=*_MODE", "--link",
                "src:byname,address=name,files=yes", "--link", "src:old,rules=v27", "busybox", "sleep", "1d",
            ])
            #expect(created.exit == 0, "\(created)")
            #expect(created.errors.contains("ALL_ENV_APP_TOKEN") && !created.errors.contains("hidden"), "\(created)")
            #expect(!created.errors.contains("SAFE_ENV_APP_TOKEN"), "\(created)")
            let variables = try await engine.environment(ofFirstProcess: "web")
            func inherited(_ alias: String) -> Set<String> {
                Set(variables.filter { $0.hasPrefix("\(alias)_ENV_") }.map { String($0.dropFirst(alias.count + 5)) })
            }
            #expect(inherited("ALL") == ["APP_TOKEN=hidden", "APP_MODE=fast", "LANG=C"])
            #expect(inherited("SAFE") == ["APP_MODE=fast", "LANG=C"])
            #expect(inherited("NONE") == [])
            #expect(inherited("SOME") == ["APP_TOKEN=hidden", "LANG=C"])
            #expect(variables.contains("BYNAME_PORT=tcp://byname:80"))
            #expect(variables.contains("ALL_PORT_80_TCP_END=tcp://\(try await engine.address(of: "src")):81"))
            #expect(variables.contains("OLD_PORT=udp://\(try await engine.address(of: "src")):53"))
            #expect(!variables.contains { $0.hasPrefix("OLD_PORT_80_TCP_END") })
            #expect(try await engine.link("web", "safe")["options"] == ["env": "safe"])
            #expect(try await engine.link("web", "safe")["withheld"] == ["APP_TOKEN"])
            #expect(try await engine.link("web", "some")["withheld"] == ["APP_MODE"])
            #expect(try await engine.kenter("exec", "web", "cat", "/run/kenter/links/byname/type") == "app")
        }
    }

    @Test func filesOfALinkFollowTheSourceAndCannotBeChanged() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.kenter(
                "run", "-d", "--name", "web", "--read-only", "--link", "src:db,files=yes", "busybox", "sleep", "1d")
            let path = "/run/kenter/links/db"
            let version = try await engine.kenter("exec", "web", "readlink", "\(path)/..data")
            #expect(try await engine.kenter("exec", "web", "cat", "\(path)/host") == engine.address(of: "src"))
            for command in [
                "echo x >\(path)/host", "rm \(path)/..data", "touch \(path)/new", "mkdir /run/kenter/links/x",
            ] {
                let result = try await engine.kenter(["exec", "web", "sh", "-c", command])
                #expect(result.exit != 0 && result.errors.contains("Read-only file system"), "\(result)")
            }
            try await engine.move("src")
            #expect(try await engine.kenter("exec", "web", "cat", "\(path)/host") == engine.address(of: "src"))
            #expect(try await engine.kenter("exec", "web", "readlink", "\(path)/..data") != version)
            #expect(try await engine.kenter("exec", "web", "ls", "-a", path).contains(version) == false)
            try await engine.kenter("link", "rm", "web/db")
            #expect(try await engine.kenter("exec", "web", "ls", "/run/kenter/links") == "")
        }
    }

    @Test func twoLinksToOneSourceFollowItTogetherAndPartOneByOne() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("web", links: ["src:one", "src:two"])
            try await engine.move("src")
            let address = try await engine.address(of: "src")
            let id = try await engine.shortID("src")
            #expect(try await engine.hosts(of: "web").contains("\(address)\tone \(id) src"))
            #expect(try await engine.hosts(of: "web").contains("\(address)\ttwo \(id) src"))
            let connection = try await OpenConnection(from: "web", to: "two", in: engine)
            try await engine.kenter("link", "rm", "web/one")
            #expect(try await connection.isOpen)
            try await engine.expect("web", reaches: "tcp", address, "9000")
            #expect(
                try await engine.hosts(of: "web").filter { $0.hasPrefix("\(address)\t") } == [
                    "\(address)\ttwo \(id) src"
                ])
        }
    }

    @Test func aKilledSourceLeavesItsLinesAndComesBackThroughThem() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("web", links: ["src:db"])
            let lines = try await engine.hosts(of: "web")
            try await engine.kenter("kill", "src")
            #expect(try await engine.hosts(of: "web") == lines)
            #expect(try await engine.link("web", "db")["state"] == "sourceDown")
            #expect(try await !engine.kenter("exec", "web", "env").contains("DB_PORT"))
            try await engine.expectRefusal(
                ["restart", "-t", "0", "web"], exit: 1,
                saying: "Cannot link to a non running container: /src AS /web/db")
            #expect(try await engine.inspect("web")["state"]["status"] == "running")
            try await engine.move("src")
            try await engine.expect("web", reaches: "tcp", engine.address(of: "src"), "9000")
            #expect(try await engine.hosts(of: "web") != lines)
            #expect(try await engine.link("web", "db")["state"] == "active")
            try await engine.kenter("rename", "src", "store")
            #expect(try await engine.hosts(of: "web").contains { $0.hasSuffix(" store") })
            #expect(try await engine.inspect("web")["links"] == ["/store:/web/db"])
        }
    }

    @Test func aSourceMadeAnewIsFollowedByNameAlone() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("byid", links: ["src:db"])
            try await engine.serve("byname", links: ["src:db,rebind=name"])
            #expect(try await engine.link("byname", "db")["options"] == ["rebind": "name"])
            try await engine.kenter("rm", "-f", "src")
            #expect(try await engine.link("byid", "db")["state"] == "sourceGone")
            try await engine.echo("src", links: [])
            let address = try await engine.address(of: "src")
            try await engine.expect("byname", reaches: "tcp", address, "9000")
            #expect(try await engine.hosts(of: "byname").contains { $0.hasPrefix("\(address)\tdb ") })
            #expect(try await engine.kenter(["exec", "byid", "nettool", "tcp", address, "9000"]).exit == 1)
            try await engine.kenter("restart", "-t", "0", "byname")
            try await engine.expectRefusal(
                ["restart", "-t", "0", "byid"], exit: 1,
                saying: "Cannot link to a non running container: /src AS /byid/db")
            try await engine.kenter("link", "rm", "byid/db")
            try await engine.kenter("restart", "-t", "0", "byid")
        }
    }

    @Test func chainsAndCirclesStartInOrderAndReachEachOther() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("back", links: [])
            try await engine.echo("middle", links: ["back:up"])
            try await engine.echo("front", links: ["middle:up"])
            try await engine.move("middle")
            try await engine.expect("front", reaches: "tcp", engine.address(of: "middle"), "9000")
            try await engine.expect("middle", reaches: "tcp", engine.address(of: "back"), "9000")
            #expect(
                try await engine.kenter([
                    "exec", "front", "nettool", "tcp", engine.address(of: "back"), "9000",
                ]).exit == 1)
            // A circle, closed while both run; then both start together, and only together.
            try await engine.kenter("link", "create", "back", "front:down")
            try await engine.expect("back", reaches: "tcp", engine.address(of: "front"), "9000")
            let graph = try JSONValue(text: try await engine.kenter("link", "graph", "--json"))
            #expect(Set(graph["cycles"][0].strings) == ["back", "middle", "front"])
            try await engine.kenter("stop", "-t", "0", "back", "middle", "front")
            try await engine.expectRefusal(
                ["start", "back"], exit: 1, saying: "Cannot link to a non running container: /front AS /back/down")
            try await engine.kenter("start", "back", "middle", "front")
            for (consumer, source) in [("front", "middle"), ("middle", "back"), ("back", "front")] {
                let ready = try await eventually {
                    try await engine.kenter([
                        "exec", consumer, "nettool", "tcp", engine.address(of: source), "9000",
                    ]).exit == 0
                }
                #expect(ready, "\(consumer) → \(source)")
            }
        }
    }

    @Test func linksOutliveTheEngine() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("web", links: ["src:db,files=yes"])
            let connection = try await OpenConnection(from: "web", to: "db", in: engine)
            let lines = try await engine.hosts(of: "web")
            await engine.crash()
            try await engine.start()
            #expect(try await connection.isOpen)
            #expect(try await engine.hosts(of: "web") == lines)
            #expect(try await engine.link("web", "db")["state"] == "active")
            try await engine.move("src")
            let address = try await engine.address(of: "src")
            #expect(try await engine.hosts(of: "web").contains { $0.hasPrefix("\(address)\tdb ") })
            try await engine.expect("web", reaches: "tcp", address, "9000")
            let second = try await OpenConnection(from: "web", to: "db", in: engine)
            try await engine.stop()
            try await engine.start()
            #expect(try await second.isOpen)
            try await engine.kenter("link", "rm", "web/db")
            #expect(try await second.hasEnded)
            try await engine.kenter("link", "create", "web", "src:again")
            try await engine.expect("web", reaches: "tcp", address, "9000")
        }
    }

    @Test func aProviderThatIsStartedAgainIsWaitedFor() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.echo("src", links: [])
            try await engine.serve("web", links: ["src:db"])
            try await engine.killLinkProvider()
            #expect(try await engine.kenter("exec", "web", "env").contains("DB_PORT=tcp://"))
            try await engine.kenter("stop", "-t", "0", "src")
            try await engine.killLinkProvider()
            try await engine.move("src")
            let address = try await engine.address(of: "src")
            #expect(try await engine.hosts(of: "web").contains { $0.hasPrefix("\(address)\tdb ") })
            try await engine.killLinkProvider()
            try await engine.kenter("link", "rm", "web/db")
        }
    }

    @Test func whatALinkBringsIsExplainedBeforeAndAfter() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "create", "--name", "src", "--expose", "9000", "-e", "APP_TOKEN=hidden", "busybox", "sleep", "1d")
            let before = try await Footprint(of: engine)
            let planned = try await engine.kenter(
                "link", "plan", "--name", "web", "--link", "src:db,files=yes", "-e", "DB_NAME=mine", "nosuch:image")
            for text in [
                "a plan", "tcp://(address of src):9000", "port 9000/tcp", "******",
                "overridden by web's own configuration",
                "exposed by src", "/run/kenter/links/db", "src does not run",
            ] {
                #expect(planned.contains(text), "\(text)\n\(planned)")
            }
            #expect(!planned.contains("hidden"))
            try await engine.expectRefusal(
                ["link", "plan", "--link", "nosuch:db", "busybox"], exit: 1,
                saying: "could not get container for nosuch: No such container: nosuch")
            #expect(try await Footprint(of: engine) == before)

            try await engine.kenter("start", "src")
            try await engine.kenter("run", "-d", "--name", "web", "--link", "src:db", "busybox", "sleep", "1d")
            let revealed = try await engine.kenter("link", "inspect", "/web/db", "--show-secrets")
            #expect(revealed.contains("hidden") && revealed.contains("env APP_TOKEN"))
            #expect(try await !engine.kenter("link", "inspect", "web/db").contains("hidden"))
            let plans = try JSONValue(
                text: try await engine.kenter("link", "plan", "web", "src:more,env=safe", "--json"))
            #expect(plans[0]["state"] == "planned" && plans[0]["withheld"] == ["APP_TOKEN"])
            // What was planned is what is applied.
            let whole = try await engine.call("link.plan", ["image": "x", "name": "other", "links": ["src:db"]])
            try await engine.kenter("run", "-d", "--name", "other", "--link", "src:db", "busybox", "sleep", "1d")
            let applied = try await engine.link("other", "db")
            for part in ["env", "hosts", "files", "firewall", "withheld", "warnings"] {
                #expect(whole["result"]["plans"][0][part] == applied[part], "\(part)")
            }
            #expect(try await engine.kenter("link", "graph").hasPrefix("other (running)\n└── db → src (running)"))
            #expect(try await engine.kenter("link", "graph", "--dot").hasPrefix("digraph links {"))
            let drawn = try await engine.kenter(["link", "graph", "--svg"])
            #expect(
                drawn.exit == 0 ? drawn.output.contains("<svg") : drawn.errors.contains("install graphviz"), "\(drawn)")
        }
    }
}

extension TestEngine {
    /// Kills the link provider once it runs.
    func killLinkProvider() async throws {
        let isKilled = try await eventually {
            let found = try await Command.run(["pgrep", "-P", "\(processIdentifier)", "-f", "link-legacy"])
            guard let pid = found.lines.first.flatMap({ Int32($0) }) else { return false }
            return kill(pid, SIGKILL) == 0
        }
        if !isKilled { throw CommandFailure("link-legacy does not run") }
    }

    /// Starts a container that echoes what is sent to its exposed port 9000.
    func echo(_ name: String, links: [String]) async throws {
        var arguments = ["run", "-d", "--name", name, "--expose", "9000"]
        for link in links { arguments += ["--link", link] }
        let result = try await kenter(arguments + ["busybox", "nc", "-ll", "-p", "9000", "-e", "cat"])
        guard result.exit == 0 else { throw CommandFailure(result.description) }
        let ready = try await eventually {
            try await kenter(["exec", name, "nettool", "tcp", "127.0.0.1", "9000"]).exit == 0
        }
        if !ready { throw CommandFailure("\(name) does not serve") }
    }

    /// Restarts a container so that it comes back with another address.
    func move(_ name: String) async throws {
        if try await inspect(name)["state"]["status"] == "running" { try await kenter("stop", "-t", "0", name) }
        // While it is stopped it has no address to show; the place it would get back is taken by somebody else.
        let taken = try await lastAddress(of: name)
        try await kenter("run", "-d", "--ip", taken, "busybox", "sleep", "1d")
        try await kenter("start", name)
        guard try await address(of: name) != taken else { throw CommandFailure("\(name) has not moved") }
        let ready = try await eventually {
            try await kenter(["exec", name, "nettool", "tcp", "127.0.0.1", "9000"]).exit == 0
        }
        if !ready { throw CommandFailure("\(name) does not serve") }
    }

    /// The address that a stopped container had, read from where its state still has it: the line it had for itself.
    private func lastAddress(of name: String) async throws -> String {
        let document = try await inspect(name)
        let id = document["id"].string ?? ""
        for line in TextFile.read("\(root)/containers/\(id)/hosts").split(separator: "\n").reversed() {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count > 1, words[1] == id.prefix(12) { return String(words[0]) }
        }
        throw CommandFailure("\(name) never had an address")
    }

    func hosts(of name: String) async throws -> [String] {
        try await kenter("exec", name, "cat", "/etc/hosts").split(separator: "\n").map(String.init)
    }

    func shortID(_ name: String) async throws -> String {
        String((try await inspect(name)["id"].string ?? "").prefix(12))
    }

    func environment(ofFirstProcess name: String) async throws -> [String] {
        try await kenter(["exec", name, "sh", "-c", "tr '\\0' '\\n' </proc/1/environ"]).lines
    }

    func link(_ consumer: String, _ alias: String) async throws -> JSONValue {
        try JSONValue(text: try await kenter("link", "inspect", "--json", "\(consumer)/\(alias)"))[0]
    }
}

/// A TCP connection between containers that stays open: what is sent through it comes back.
struct OpenConnection {
    private let engine: TestEngine
    private let container: String
    private let name: String

    init(from container: String, to host: String, in engine: TestEngine) async throws {
        self.engine = engine
        self.container = container
        name = "/tmp/c\(UInt32.random(in: 0...UInt32.max))"
        let address =
            try await engine.hosts(of: container).last { line in
                line.split { $0 == " " || $0 == "\t" }.dropFirst().contains(host[...])
            }?.prefix { $0 != "\t" } ?? ""
        try await engine.kenter(
            "exec", "-d", container, "sh", "-c",
            "mkfifo \(name); exec 3<>\(name); nc \(address) 9000 <&3 >\(name).out; echo closed >>\(name).out")
        guard try await isOpen else { throw CommandFailure("\(container) has no connection to \(host)") }
    }

    /// Whether what is sent now comes back.
    var isOpen: Bool {
        get async throws {
            let word = "w\(UInt32.random(in: 0...UInt32.max))"
            return try await eventually { try await send(word).contains(word) }
        }
    }

    /// Whether the connection ends, at the latest when it is used.
    var hasEnded: Bool {
        get async throws {
            let word = "w\(UInt32.random(in: 0...UInt32.max))"
            let ended = try await eventually { try await send(word).hasSuffix("closed") }
            let output = try await send(word)
            return ended && !output.contains(word)
        }
    }

    /// Sends a line and returns all that has come back so far.
    private func send(_ word: String) async throws -> String {
        try await engine.kenter([
            "exec", container, "sh", "-c",
            "test ! -p \(name) || timeout 1 sh -c 'echo \(word) >\(name)'; cat \(name).out",
        ]).line
    }
}
