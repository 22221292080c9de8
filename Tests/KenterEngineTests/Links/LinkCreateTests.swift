import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import TestSupport
import Testing

/// Links made after their consumer.
@Suite(.timeLimit(.minutes(2)))
struct LinkCreateTests {
    private func create(
        _ bench: LinkBench, _ consumer: String, _ source: String, alias: String? = nil,
        options: [String: String]? = nil
    ) async throws -> Link {
        try await bench.links.create(
            LinkCreate(consumer: consumer, source: source, alias: alias, options: options),
            consumer: LinkBench.id(consumer))
    }

    @Test func `a running consumer has its hosts line, files and path at once, and its variables pending`() async throws
    {
        try await LinkBench.with { bench in
            let source = try await bench.create("src", env: ["DB_PASSWORD=hidden"])
            let other = try await bench.create("other")
            try await bench.start(source, at: "172.17.0.2")
            try await bench.start(other, at: "172.17.0.3")
            let web = try await bench.create("web", links: ["other:cache"])
            try await bench.start(web, at: "172.17.0.4")
            let count = try bench.rules().count

            let link = try await create(bench, "web", "src", alias: "db", options: ["files": "yes"])
            #expect(link.state == .active && link.source == "src" && link.options == ["files": "yes"])
            #expect(link.env == [])
            #expect(link.pending.contains("DB_PORT") && link.pending.contains("DB_ENV_DB_PASSWORD"))
            #expect(link.warnings.count == 1 && !link.warnings[0].contains("hidden"))
            #expect(
                bench.hosts(web) == ["172.17.0.3\tcache h-other other", "172.17.0.2\tdb h-src src"])
            #expect(TextFile.read("\(bench.directories.links(web))/db/host") == "172.17.0.2")
            let calls = try bench.rules().dropFirst(count)
            #expect(calls.count == 1 && calls.first?.set.map(\.linkId) == [link.id] && calls.first?.remove == [])
            #expect(try bench.events() == ["link.created", "link.created"])
            #expect(try bench.links.list(container: "web").map(\.alias) == ["cache", "db"])

            try await bench.stop(web)
            let linked = try await bench.start(web, at: "172.17.0.4")
            #expect(linked.variables.contains { $0.name == "DB_PORT" })
            #expect(try bench.links.inspect(consumer: "web", alias: "db").pending == [])
        }
    }

    @Test func `a stopped consumer has a new link at its start, behind the others`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:a"])
            let link = try await create(bench, "web", "src:b,env=none")
            #expect(link.state == .inactive && link.alias == "b" && link.options == ["env": "none"])
            #expect(try bench.rules().isEmpty)
            #expect(try await bench.start(web, at: "172.17.0.3").hosts.map { $0.names[0] } == ["a", "b"])
        }
    }

    @Test func `what cannot be is refused with its text, and changes nothing`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            let far = try await bench.create("far", network: .network(id: "n2"))
            try await bench.create("down")
            try await bench.create("onhost", network: .host)
            try await bench.start(source, at: "172.17.0.2")
            try await bench.start(far, at: "172.18.0.2", on: "n2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            let (events, hosts, calls) = (try bench.events(), bench.hosts(web), try bench.rules().count)
            let cases: [(LinkCreate, RPCError.Kind, String)] = [
                (.init(consumer: "web", source: "web:me"), .invalidParams, "container web cannot be linked to itself"),
                (.init(consumer: "web", source: "web/db:me", alias: "x"), .invalidParams, "the alias of the link"),
                (
                    .init(consumer: "web", source: "nosuch"), .invalidParams,
                    "could not get container for nosuch: No such container: nosuch"
                ),
                (.init(consumer: "web", source: "far:db"), .invalidParams, "link alias \"db\" is already used by src"),
                (.init(consumer: "web", source: ""), .invalidParams, "empty string specified for links"),
                (.init(consumer: "web", source: "a:b:c"), .invalidParams, "bad format for links: a:b:c"),
                (.init(consumer: "web", source: "src", alias: "a b"), .invalidParams, "invalid link alias \"a b\""),
                (
                    .init(consumer: "web", source: "src:x,env=safe", options: ["env": "all"]), .invalidParams,
                    "the link option \"env\" is given twice"
                ),
                (
                    .init(consumer: "web", source: "src:x", options: ["env": "some"]), .invalidParams,
                    "invalid value 'some' of the link option 'env'"
                ),
                (
                    .init(consumer: "web", source: "down:x"), .precondition,
                    "Cannot link to a non running container: /down AS /web/x"
                ),
                (
                    .init(consumer: "web", source: "far:x"), .precondition,
                    "Cannot link to /far, as it does not belong to the default network"
                ),
                (
                    .init(consumer: "onhost", source: "src:x"), .invalidParams,
                    "conflicting options: host type networking can't be used with links. "
                        + "This would result in undefined behavior"
                ),
            ]
            for (params, kind, text) in cases {
                let error = await #expect(throws: RPCError.self) {
                    try await bench.links.create(params, consumer: LinkBench.id(params.consumer))
                }
                #expect(error?.kind == kind && error?.message.hasPrefix(text) == true, "\(params)")
            }
            #expect(try bench.events() == events && bench.hosts(web) == hosts)
            #expect(try bench.rules().count == calls)
            #expect(try bench.links.list(container: nil).count == 1)
        }
    }

    @Test func `a link whose path cannot be opened is taken back whole`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web")
            try await bench.start(web, at: "172.17.0.3")
            let hosts = bench.hosts(web)
            try bench.refuseRules(true)
            let error = await #expect(throws: RPCError.self) {
                _ = try await create(bench, "web", "src:db,files=yes")
            }
            #expect(error?.kind == .degraded)
            #expect(bench.hosts(web) == hosts)
            #expect(TextFile.names(in: bench.directories.links(web)) == [])
            #expect(try bench.links.list(container: nil).isEmpty)
            #expect(try bench.events() == ["link.created", "link.removed"])
            try bench.refuseRules(false)
            #expect(try await create(bench, "web", "src:db").state == .active)
        }
    }

    @Test func `a removal that an ended engine left half done is undone at the next start`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db,files=yes"])
            try await bench.start(web, at: "172.17.0.3")
            let hosts = bench.hosts(web)
            // As the removal begins, and how far it may have come.
            try bench.store.write { transaction in
                guard var link = try transaction.link(consumer: web, alias: "db") else { return }
                link.applied = nil
                try transaction.save(link)
            }
            try TextFile.write("127.0.0.1\tlocalhost\n", to: bench.directories.hosts(web))
            await bench.links.recover()
            let isWhole = await eventually { bench.hosts(web) == hosts.filter { $0.contains("db") } }
            #expect(isWhole)
            #expect(TextFile.read("\(bench.directories.links(web))/db/host") == "172.17.0.2")
            #expect(try bench.links.inspect(consumer: "web", alias: "db").state == .active)
        }
    }

    @Test func `a plan says what a link would bring and why, and leaves no trace`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("src", env: ["A=b"])
            let web = try await bench.create("web", env: ["DB_NAME=mine"])
            let planned = try await bench.links.plan(LinkSpecification("src:db,files=yes"), consumer: web)
            let presentation = LinkPresentation(
                PlannedLink(link: planned.state.link, source: planned.state.source, plan: planned.plan),
                consumer: "web", ownEnv: ["DB_NAME=mine"])
            let link = presentation.object
            #expect(link.state == .planned && link.id == "")
            #expect(link.env.first?.value == "tcp://(address of src):80")
            #expect(link.env.first?.from == "port 80/tcp")
            #expect(link.env.first { $0.name == "DB_NAME" }?.overridden == true)
            #expect(link.hosts.first?.address == "(address of src)")
            #expect(link.hosts.first?.from == "address of src; alias, hostname, name")
            #expect(link.firewall == [LinkPortRule(protocol: .tcp, ports: ["80"], from: "exposed by src")])
            #expect(link.files.first { $0.path == "uri" }?.from == "port 80/tcp")
            #expect(link.warnings == ["src does not run: its address is known once it does"])
            #expect(try bench.links.list(container: nil).isEmpty)
            #expect(try bench.events() == [])
        }
    }

    @Test func `the graph has every end, the order of starts, and circles`() async throws {
        try await LinkBench.with { bench in
            try await bench.create("db")
            try await bench.create("alone")
            try await bench.create("app", links: ["db"])
            try await bench.create("web", links: ["app:backend", "db:store"])
            try await bench.create("one")
            try await bench.create("two", links: ["one"])
            _ = try await create(bench, "one", "two")
            try await bench.create("late", links: ["nobody:x"], network: .network(id: "n2"))
            let graph = try bench.links.graph()
            #expect(graph.nodes.map(\.name) == ["app", "db", "late", "nobody", "one", "two", "web"])
            #expect(graph.nodes.first { $0.name == "nobody" }?.status == nil)
            #expect(
                graph.edges.map { "\($0.consumer)/\($0.alias)=\($0.source)" } == [
                    "app/db=db", "late/x=nobody", "one/two=two", "two/one=one", "web/backend=app", "web/store=db",
                ])
            #expect(graph.cycles.map(Set.init) == [["one", "two"]])
            let order = graph.startOrder
            func place(_ name: String) -> Int { order.firstIndex { $0.contains(name) } ?? -1 }
            #expect(place("db") < place("app") && place("app") < place("web"))
            #expect(place("one") == place("two"))
        }
    }
}
