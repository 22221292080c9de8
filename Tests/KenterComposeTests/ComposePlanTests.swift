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
            ComposePlan.Existing(id: "\($0.name)1", service: $0.name, hash: $0.hash, isRunning: isRunning)
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

    @Test func `containers of services that are gone are told`() throws {
        let old = ComposePlan.Existing(id: "x", service: "old", hash: "", isRunning: true)
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
                // Whatever else it says of the same one, before or after.
                "named": ["image": "n", "network_mode": "service:db", "depends_on": ["db"]],
                "both": ["image": "b", "links": ["db"], "network_mode": "service:db"],
