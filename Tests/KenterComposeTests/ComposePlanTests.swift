import JSONRPC
import KenterProtocol
import Testing

@testable import KenterCompose

@Suite struct ComposePlanTests {
    private static func project(databaseImage: String = "mysql") throws -> ComposeProject {
        let document: JSONValue = [
            "services": [
                "proxy": ["image": "p", "depends_on": ["web"]],
                "web": ["image": "w", "links": ["db"]], "db": ["image": .string(databaseImage)],
            ]
        ]
        let environment = ComposeEnvironment { _ in nil }
        let context = ComposeContext(
            environment: environment, directory: "/w", files: ["/w/c"], readFile: { _ in nil })
        return try ComposeFile.project([document], context)
    }

    private static func existing(_ project: ComposeProject, isRunning: Bool = true) -> [ComposePlan.Existing] {
        project.services.map {
            ComposePlan.Existing(
                id: "\($0.name)1", name: "w-\($0.name)-1", service: $0.name, hash: $0.hash, isRunning: isRunning)
        }
    }

    private static func texts(_ plan: ComposePlan) -> [String] { plan.actions.map { "\($0.service) \($0.action)" } }

    @Test func `nothing is there: everything is made, dependencies first`() throws {
        let plan = ComposePlan(try Self.project(), existing: [])
        #expect(Self.texts(plan) == ["db create", "web create", "proxy create"])
    }

    @Test func `what is there and unchanged stays, also when the file is read anew`() throws {
        let existing = Self.existing(try Self.project())
        #expect(
            Self.texts(ComposePlan(try Self.project(), existing: existing)) == ["db keep", "web keep", "proxy keep"])
        let stopped = Self.existing(try Self.project(), isRunning: false)
        #expect(ComposePlan(try Self.project(), existing: stopped).actions.map(\.action)[0] == .start(id: "db1"))
    }

    @Test func `what has changed is made anew, with those that are linked to it`() throws {
        let existing = Self.existing(try Self.project())
        let plan = ComposePlan(try Self.project(databaseImage: "mariadb"), existing: existing)
        #expect(plan.actions.map(\.action) == [.replace(ids: ["db1"]), .replace(ids: ["web1"]), .keep])
    }

    @Test func `what has been removed by hand is made anew, with those that refer to it`() throws {
        let existing = Self.existing(try Self.project()).filter { $0.service != "db" }
        let plan = ComposePlan(try Self.project(), existing: existing)
        #expect(plan.actions.map(\.action) == [.create, .replace(ids: ["web1"]), .keep])
    }

    @Test func `what an interrupted up has left under a passing name is made anew`() throws {
        var existing = Self.existing(try Self.project())
        existing[2].name = "0123456789ab_w-proxy-1"
        let plan = ComposePlan(try Self.project(), existing: existing)
        #expect(plan.actions.map(\.action) == [.keep, .keep, .replace(ids: ["proxy1"])])
        // Killed earlier, the last one is there as well.
        existing.append(Self.existing(try Self.project())[2])
        existing[3].id = "proxy0"
        let earlier = ComposePlan(try Self.project(), existing: existing)
        #expect(earlier.actions.map(\.action) == [.keep, .keep, .replace(ids: ["proxy1", "proxy0"])])
    }

    @Test func `unnamed volumes of the image and of the file go over to the next container`() throws {
        let document: JSONValue = [
            "services": [
                "web": [
                    "image": "w",
                    "volumes": ["/var/lib/db", "data:/data", "./files:/files", "/new"], "tmpfs": "/run",
                ]
            ],
            "volumes": ["data": nil],
        ]
        let context = ComposeContext(
            environment: ComposeEnvironment { _ in nil }, directory: "/w", files: ["/w/c"], readFile: { _ in nil })
        let service = try #require(try ComposeFile.project([document], context).service("web"))
        func madeUp(_ digit: Character) -> String { String(repeating: digit, count: 64) }
        func last(_ target: String, _ name: String) -> Container.Mount {
            Container.Mount(type: .volume, name: name, target: target, readOnly: false)
        }
        let mounts = service.mounts(keeping: [
            last("/var/lib/db", madeUp("a")), last("/image", madeUp("b")), last("/data", madeUp("c")),
            last("/files", madeUp("d")), last("/run", madeUp("e")), last("/gone", "w_gone"),
            last("/image", madeUp("f")),
        ])
        func found(_ target: String) -> [String?] { mounts.filter { $0.target == target }.map(\.source) }
        #expect(found("/var/lib/db") == [madeUp("a")])
        #expect(found("/image") == [madeUp("b")])
        #expect(found("/data") == ["w_data"] && found("/files") == ["/w/files"] && found("/run") == [nil])
        #expect(found("/gone") == [] && found("/new") == [nil])
        #expect(service.mounts(keeping: []) == service.container.mounts)
    }

    @Test func `an image that is another one now counts as a change`() throws {
        var existing = Self.existing(try Self.project())
        existing[2].isImageCurrent = false
        #expect(existing[2].service == "proxy")
        #expect(
            ComposePlan(try Self.project(), existing: existing).actions.map(\.action)
                == [.keep, .keep, .replace(ids: ["proxy1"])])
    }

    @Test func `services that are named come with what they need`() throws {
        #expect(
            Self.texts(ComposePlan(try Self.project(), existing: [], services: ["web"])) == ["db create", "web create"])
    }

    @Test func `what asks for it restarts with what it depends on, and so on`() throws {
        let document: JSONValue = [
            "services": [
                "top": ["image": "t", "depends_on": ["middle": ["restart": "true"]]],
                "middle": ["image": "m", "network_mode": "service:db"],
                "db": ["image": "d"], "linked": ["image": "l", "links": ["db"]],
                // Whatever else it says of the same one, before or after.
                "named": ["image": "n", "network_mode": "service:db", "depends_on": ["db"]],
                "both": ["image": "b", "links": ["db"], "network_mode": "service:db"],
            ]
        ]
        let context = ComposeContext(
            environment: ComposeEnvironment { _ in nil }, directory: "/w", files: ["/w/c"], readFile: { _ in nil })
        let project = try ComposeFile.project([document], context)
        func restarting(_ name: String) throws -> [String] {
            project.withRestarting(try project.services(named: [name])).map(\.name)
        }
        #expect(try restarting("db") == ["db", "middle", "top", "named", "both"])
        #expect(try restarting("middle") == ["middle", "top"])
        #expect(try restarting("linked") == ["linked"])
        #expect(throws: ComposeError("", "no such service: x")) { try restarting("x") }
    }

    @Test func `what is in the network of one that is started restarts, what only depends on it stays`() throws {
        let document: JSONValue = [
            "services": [
                "db": ["image": "d"], "side": ["image": "s", "network_mode": "service:db"],
                "top": ["image": "t", "depends_on": ["side": ["restart": "true"]]],
                "web": ["image": "w", "links": ["db"]],
            ]
        ]
        let context = ComposeContext(
            environment: ComposeEnvironment { _ in nil }, directory: "/w", files: ["/w/c"], readFile: { _ in nil })
        let project = try ComposeFile.project([document], context)
        var existing = Self.existing(project)
        existing[0].isRunning = false
        #expect(
            ComposePlan(project, existing: existing).actions.map(\.action)
                == [.start(id: "db1"), .restart(id: "side1"), .restart(id: "top1"), .keep])
        existing[0].hash = "another"
        #expect(
            ComposePlan(project, existing: existing).actions.map(\.action)
                == [.replace(ids: ["db1"]), .replace(ids: ["side1"]), .restart(id: "top1"), .replace(ids: ["web1"])])
    }

    @Test func `containers of services that are gone are told`() throws {
        let old = ComposePlan.Existing(id: "x", name: "x", service: "old", hash: "", isRunning: true)
        #expect(ComposePlan(try Self.project(), existing: [old]).orphans == [old])
    }

    @Test func `a tree is shown as YAML that means the same`() {
        let value: JSONValue = [
            "a": "text", "b": ["x", ["c": "1", "d": []], "yes"], "e": ["f": nil, "g": ["h": "a: b"]], "i": "",
        ]
        #expect(
            YAMLText.text(value) == """
                a: text
                b:
                  - x
                  - c: "1"
                    d: []
                  - "yes"
                e:
                  f: null
                  g:
                    h: "a: b"
                i: ""

                """)
    }
}
