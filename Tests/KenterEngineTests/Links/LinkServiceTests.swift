import Glibc
import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LinkServiceTests {
    @Test func `a started consumer has variables, a hosts line and a path`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("mysqldb", env: ["PW_TOKEN=hidden", "A=b"], ports: ["3306/tcp"])
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["mysqldb:mysql"])
            let linked = try await bench.start(web, at: "172.17.0.3")

            #expect(
                linked.variables.map { "\($0.name)=\($0.value)" }.prefix(2) == [
                    "MYSQL_PORT=tcp://172.17.0.2:3306", "MYSQL_PORT_3306_TCP=tcp://172.17.0.2:3306",
                ])
            #expect(linked.variables.contains { $0.name == "MYSQL_NAME" && $0.value == "/web/mysql" })
            #expect(bench.hosts(web) == ["172.17.0.2\tmysql h-mysqldb mysqldb"])
            #expect(
                try bench.rules().flatMap(\.set) == [
                    .init(
                        linkId: try bench.links.inspect(consumer: "web", alias: "mysql").id,
                        from: try bench.attachment(web), to: try bench.attachment(source),
                        rules: [.init(protocol: .tcp, ports: ["3306"])])
                ])
            let link = try bench.links.inspect(consumer: "web", alias: "mysql")
            #expect(link.state == .active)
            #expect(link.source == "mysqldb" && link.consumer == "web" && link.provider == "link-legacy")
            #expect(link.env.first { $0.name == "MYSQL_ENV_PW_TOKEN" }?.value == "******")
            #expect(link.env.first { $0.name == "MYSQL_ENV_A" }?.value == "b")
            #expect(link.pending == [])
            #expect(try bench.events() == ["link.created"])
        }
    }

    @Test func `a source that moves takes every running consumer along in one pass`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            let other = try await bench.create("other")
            try await bench.start(source, at: "172.17.0.2")
            try await bench.start(other, at: "172.17.0.3")
            let first = try await bench.create("w1", links: ["src:db", "other:cache"])
            let second = try await bench.create("w2", links: ["src:db"])
            let stopped = try await bench.create("w3", links: ["src:db"])
            try await bench.start(first, at: "172.17.0.4")
            try await bench.start(second, at: "172.17.0.5")
            var before = stat()
            #expect(stat(bench.directories.hosts(first), &before) == 0)

            try await bench.stop(source)
            #expect(bench.hosts(first).first == "172.17.0.2\tdb h-src src")
            #expect(try bench.links.inspect(consumer: "w1", alias: "db").state == .sourceDown)
            #expect(try await bench.links.currentVariables(bench.container(second)) == [])
            let calls = try bench.rules().count
            try await bench.start(source, at: "172.17.0.99")

            #expect(bench.hosts(first) == ["172.17.0.99\tdb h-src src", "172.17.0.3\tcache h-other other"])
            #expect(bench.hosts(second) == ["172.17.0.99\tdb h-src src"])
            var after = stat()
            #expect(stat(bench.directories.hosts(first), &after) == 0 && after.st_ino == before.st_ino)
            // One call for both consumers.
            let sets = try bench.rules().dropFirst(calls)
            #expect(sets.count == 1)
            #expect(
                Set(sets.flatMap(\.set).map(\.from)) == [try bench.attachment(first), try bench.attachment(second)])
            #expect(try sets.flatMap(\.set).allSatisfy { $0.to == (try bench.attachment(source)) })

            let link = try bench.links.inspect(consumer: "w1", alias: "db")
            #expect(link.pending == ["DB_PORT", "DB_PORT_80_TCP", "DB_PORT_80_TCP_ADDR"])
            #expect(link.env.first?.value == "tcp://172.17.0.2:80")
            let fresh = try await bench.links.currentVariables(bench.container(first))
            #expect(fresh.first?.value == "tcp://172.17.0.99:80")
            #expect(try bench.links.inspect(consumer: "w3", alias: "db").state == .inactive)
            #expect(TextFile.read(bench.directories.hosts(stopped)) == "")
        }
    }

    @Test func `renaming a source or a consumer shows at once, and keeps the link`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            try await bench.rename(source, to: "store")
            #expect(bench.hosts(web) == ["172.17.0.2\tdb h-src store"])
            #expect(try bench.links.inspect(consumer: "web", alias: "db").source == "store")
            try await bench.rename(web, to: "site")
            let link = try bench.links.inspect(consumer: "site", alias: "db")
            #expect(link.pending == ["DB_NAME"])
            #expect(try bench.links.list(container: "store").map(\.consumer) == ["site"])
        }
    }

    @Test func `a removed link takes its line, files and path along, and nothing else`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:a,files=yes", "src:b,files=yes"])
            try await bench.start(web, at: "172.17.0.3")
            let link = try bench.links.inspect(consumer: "web", alias: "a")
            #expect(TextFile.read("\(bench.directories.links(web))/a/uri") == "tcp://172.17.0.2:80")

            try await bench.links.remove(consumer: "web", alias: "a")
            #expect(bench.hosts(web) == ["172.17.0.2\tb h-src src"])
            #expect(TextFile.names(in: bench.directories.links(web)) == ["b"])
            #expect(try bench.rules().last?.remove == [link.id])
            #expect(try bench.rules().last?.set == [])
            #expect(try bench.links.list(container: nil).map(\.alias) == ["b"])
            #expect(try bench.events().last == "link.removed")
            let error = await #expect(throws: RPCError.self) {
                try await bench.links.remove(consumer: "web", alias: "a")
            }
            #expect(error?.kind == .notFound)
        }
    }

    @Test func `a link to a source that is gone can be removed, and its consumer starts again`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            try await bench.stop(source)
            try await bench.remove(source)
            let link = try bench.links.inspect(consumer: "web", alias: "db")
            #expect(link.state == .sourceGone)
            #expect(link.source == source)
            try await bench.stop(web)
            let error = #expect(throws: RPCError.self) {
                try bench.links.checkStartable(bench.container(web), together: [])
            }
            #expect(error?.message == "Cannot link to a non running container: /src AS /web/db")
            try await bench.links.remove(consumer: "web", alias: "db")
            #expect(try await bench.start(web, at: "172.17.0.3").variables == [])
        }
    }

    @Test func `by default a link stays with its container, with rebind=name it follows the name`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let byID = try await bench.create("by-id", links: ["src:db"])
            let byName = try await bench.create("by-name", links: ["src:db,rebind=name"])
            try await bench.start(byName, at: "172.17.0.3")
            try await bench.stop(source)
            try await bench.remove(source)
            let successor = try await bench.create("src", id: LinkBench.id("later"))
            try await bench.start(successor, at: "172.17.0.7")

            #expect(bench.hosts(byName) == ["172.17.0.7\tdb h-src src"])
            #expect(try bench.links.inspect(consumer: "by-name", alias: "db").state == .active)
            #expect(throws: RPCError.self) { try bench.links.checkStartable(bench.container(byID), together: []) }
            #expect(try bench.links.list(container: "src").map(\.consumer) == ["by-name"])
        }
    }

    @Test func `a path that cannot be opened fails the start, and is closed`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try bench.refuseRules(true)
            let error = await #expect(throws: RPCError.self) { try await bench.start(web, at: "172.17.0.3") }
            #expect(error?.kind == .degraded)
            let link = try bench.links.inspect(consumer: "web", alias: "db")
            #expect(try bench.rules().map(\.remove) == [[], [link.id]])
            #expect(link.state == .inactive && link.env == [])
            try bench.refuseRules(false)
            try await bench.start(web, at: "172.17.0.3")
            #expect(try bench.rules().last?.set.map(\.linkId) == [link.id])
        }
    }

    @Test func `a provider that has lost its rules gets all of them again`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            for (index, name) in ["w1", "w2"].enumerated() {
                try await bench.start(try await bench.create(name, links: ["src:db"]), at: "172.17.0.\(3 + index)")
            }
            let count = try bench.rules().count
            await bench.links.reopenPaths()
            #expect(try bench.rules().dropFirst(count).map(\.set.count) == [2])
        }
    }

    @Test func `a thousand consumers follow in one pass`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            var consumers: [String] = []
            for number in 0..<1000 {
                let id = try await bench.create("w\(number)", links: ["src:db"])
                try await bench.start(id, at: "172.17.\(1 + number / 250).\(number % 250)")
                consumers.append(id)
            }
            try await bench.stop(source)
            let count = try bench.rules().count
            try await bench.start(source, at: "172.17.0.99")
            #expect(consumers.allSatisfy { bench.hosts($0) == ["172.17.0.99\tdb h-src src"] })
            #expect(try bench.rules().dropFirst(count).map(\.set.count) == [1000])
        }
    }

    @Test func `a path that moves to another provider's network is closed where it was`() async throws {
        try await LinkBench.with { bench in
            let source = try await bench.create("src")
            try await bench.start(source, at: "172.17.0.2")
            let web = try await bench.create("web", links: ["src:db"])
            try await bench.start(web, at: "172.17.0.3")
            let link = try bench.links.inspect(consumer: "web", alias: "db").id
            try bench.store.write { transaction in
                try transaction.save(
                    NetworkRecord(
                        id: "n3", name: "far", provider: LinkBench.otherNetworks, spec: NetworkSpecification(),
                        createdAt: .now))
                for id in [source, web] { try transaction.save(MembershipRecord(containerId: id, networkId: "n3")) }
            }
            for (id, address) in [(source, "10.1.0.2"), (web, "10.1.0.3")] {
                try bench.detach(id)
                try bench.attach(id, at: address, on: "n3")
            }
            await bench.links.sourceChanged(source)
            #expect(try bench.rules().last?.remove == [link])
            let opened = try bench.rules(of: LinkBench.otherNetworks)
            #expect(opened.map { $0.set.map(\.linkId) } == [[link]] && opened.first?.networkId == "n3")
            await bench.links.sourceChanged(source)
            #expect(try bench.rules(of: LinkBench.otherNetworks).count == 1)
        }
    }
}
