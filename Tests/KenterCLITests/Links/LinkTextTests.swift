@testable import kenter
import KenterProtocol
import Testing

/// Links as a terminal shows them.
struct LinkTextTests {
    private static let graph = LinkGraph.Result(
        nodes: [
            .init(name: "app", id: "1", status: .running), .init(name: "db", id: "2", status: .running),
            .init(name: "gone"), .init(name: "one", id: "3", status: .created),
            .init(name: "two", id: "4", status: .exited),
            .init(name: "web", id: "5", status: .running),
        ],
        edges: [
            .init(consumer: "app", source: "db", alias: "db", provider: "p", state: .active),
            .init(consumer: "one", source: "two", alias: "peer", provider: "p", state: .inactive),
            .init(consumer: "two", source: "one", alias: "peer", provider: "p", state: .inactive),
            .init(consumer: "web", source: "app", alias: "backend", provider: "p", state: .active),
            .init(consumer: "web", source: "db", alias: "store", provider: "p", state: .active),
            .init(consumer: "web", source: "gone", alias: "x", provider: "p", state: .sourceGone),
        ],
        startOrder: [["db"], ["app"], ["one", "two"], ["web"]], cycles: [["one", "two"]])

    @Test func `the graph is a tree with every way shown once`() {
        #expect(
            LinkTree(Self.graph).text == """
                web (running)
                ├── backend → app (running)
                │   └── db (running)
                ├── store → db (running)
                └── x → gone (missing)
                one (created)
                └── peer → two (exited)
                    └── peer → one (created) ↺

                start order: db, app, one + two, web
                circle: one, two start together

                """)
        #expect(LinkTree(LinkGraph.Result()).text == "no links\n")
    }

    @Test func `a container's sources stand once, however many are linked to it`() {
        // A ladder of 40 rungs has 2^40 ways through it.
        var edges: [LinkGraph.Edge] = []
        for rung in 0..<40 {
            for alias in ["a", "b"] {
                edges.append(
                    .init(
                        consumer: "n\(rung)", source: "n\(rung + 1)", alias: alias, provider: "p", state: .active))
            }
        }
        let nodes = (0...40).map { LinkGraph.Node(name: "n\($0)", id: "\($0)", status: .running) }
        let text = LinkTree(LinkGraph.Result(nodes: nodes, edges: edges)).text
        #expect(text.split(separator: "\n").count == 82)
        #expect(text.contains("b → n1 (running) …"))
    }

    @Test func `the picture names every container and link, and quotes what others wrote`() {
        var graph = Self.graph
        graph.nodes.append(.init(name: "a\"]; evil [x=\"\\", id: "6", status: .running))
        let text = LinkDrawing(graph).text
        #expect(text.hasPrefix("digraph links {\n") && text.hasSuffix("}\n"))
        #expect(text.contains("\"web\" -> \"app\" [label=\" backend \""))
        #expect(text.contains("\"a\\\"]; evil [x=\\\"\\\\\" [label"))
        #expect(text.contains("start order: db, app, one + two, web"))
        #expect(text.split(separator: "\n").contains { $0.contains("\"one\" -> \"two\"") && $0.contains("#c05621") })
    }

    @Test func `a link is shown with values, reasons and what is to come`() {
        let link = Link(
            id: "l", consumer: "web", alias: "db", source: "src", provider: "link-legacy", options: ["env": "safe"],
            state: .active,
            env: [
                .init(name: "DB_PORT", value: "tcp://172.17.0.2:80", from: "port 80/tcp"),
                .init(name: "DB_NAME", value: "/web/db\u{1b}[2J", from: "link", overridden: true),
            ],
            hosts: [
                .init(address: "172.17.0.2", names: ["db", "h", "src"], from: "address of src; alias, hostname, name")
            ],
            firewall: [.init(protocol: .tcp, ports: ["80", "90-99"], from: "exposed by src")], withheld: ["TOKEN"],
            pending: ["DB_PORT"], warnings: ["look out"])
        #expect(
            LinkReport(link).text == """
                web/db → src   active
                by link-legacy, env=safe

                Variables
                  DB_PORT  tcp://172.17.0.2:80  port 80/tcp
                  DB_NAME  /web/db\\u001b[2J     link; overridden by web's own configuration

                Lines of /etc/hosts
                  172.17.0.2  db h src  address of src; alias, hostname, name

                Private path, from consumer to source
                  tcp  80, 90-99  exposed by src

                Withheld by its options
                  TOKEN

                Variables that change with the next start
                  DB_PORT

                WARNING: look out

                """)
    }
}
