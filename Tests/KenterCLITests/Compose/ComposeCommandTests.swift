import ChildProcess
import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

/// `kenter compose` against a peer in which something fails.
@Suite struct ComposeCommandTests {
    private static let file = "services: {web: {image: a, depends_on: [db]}, db: {image: a}}\nvolumes: {data: }"

    private func compose(_ engine: FakeEngine, _ words: String...) async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("kenter"), "compose", "-p", "shop", "-f", "-"] + words,
            input: Array(Self.file.utf8),
            environment: ["PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)"])
    }

    private static func summary(_ service: String) throws -> JSONValue {
        .object(
            try JSONValueEncoder().encodeObject(
                ContainerSummary(
                    id: "\(service)-id", name: "shop-\(service)-1", image: "a", state: .running, status: "Up",
                    createdAt: "2026-11-24T02:39:00Z", labels: ["com.docker.compose.service": service])))
    }

    /// Two containers, of which `web` refuses whatever is done to it.
    private static let answers: [String: FakeEngine.Answer] = {
        func refusing(_ answer: JSONObject) -> FakeEngine.Answer {
            { request, _ in
                let name = request.params["container"]?.string ?? request.params["network"]?.string ?? ""
                if name.hasPrefix("web") || name.hasPrefix("shop_") { throw RPCError(.conflict, "\(name) does not") }
                return answer
            }
        }
        return [
            "container.list": { _, _ in ["containers": [try summary("web"), try summary("db")]] },
            "container.stop": refusing(["ids": [], "errors": []]),
            "container.restart": refusing(["ids": [], "errors": []]),
            "container.remove": refusing(["id": "x"]),
            "network.list": { _, _ in ["networks": [["name": "shop_default"]]] },
            "network.remove": refusing(["id": "x"]),
            "volume.list": { _, _ in ["volumes": [["name": "shop_data"]]] },
            "volume.remove": { _, _ in ["removed": []] },
        ]
    }()

    @Test func `projects are listed by their labels`() async throws {
        let list: FakeEngine.Answer = { request, _ in
            #expect(request.params["labels"] == ["com.docker.compose.project"])
            func container(_ project: String, _ state: ContainerStatus) throws -> JSONValue {
                .object(
                    try JSONValueEncoder().encodeObject(
                        ContainerSummary(
                            id: "1", name: "x", image: "a", state: state, status: "", createdAt: "2026-11-24T02:39:00Z",
                            labels: [
                                "com.docker.compose.project": project,
                                "com.docker.compose.project.config_files": "/\(project).yaml",
                            ])))
            }
            return [
                "containers": [
                    try container("shop", .running), try container("old", .exited), try container("shop", .exited),
                    try container("shop", .running),
                ]
            ]
        }
        try await FakeEngine.with(["container.list": list]) { engine in
            func lines(_ words: String...) async throws -> [String] {
                try await Command.run(
                    [BuildProducts.executable("kenter"), "compose", "ls"] + words,
                    environment: ["PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)"],
                    workingDirectory: "/"
                ).lines
            }
            let table = try await lines()
            #expect(
                table == [
                    "NAME      STATUS                  CONFIG FILES", "shop      running(2), exited(1)   /shop.yaml",
                ])
            #expect(try await lines("-a", "-q") == ["old", "shop"])
            #expect(try await lines("-a", "-q", "--filter", "name=ol") == ["old"])
        }
    }

    @Test func `a project without its file is known by its labels`() async throws {
        var answers = Self.answers
        func labelled(_ name: String, _ project: String) -> JSONValue {
            ["name": .string(name), "labels": ["com.docker.compose.project": .string(project)]]
        }
        let networks: JSONObject = [
            "networks": [labelled("net", "shop"), labelled("other", "else"), ["name": "bridge"]]
        ]
        answers["network.list"] = { _, _ in networks }
        answers["network.remove"] = { _, _ in ["id": "x"] }
        try await FakeEngine.with(answers) { engine in
            func compose(_ words: String...) async throws -> CommandResult {
                try await Command.run(
                    [BuildProducts.executable("kenter"), "compose"] + words,
                    environment: ["PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)"],
                    workingDirectory: "/")
            }
            #expect(try await compose("-p", "shop", "ps", "-q").output == "web-id\ndb-id\n")
            #expect(engine.params(of: "container.list")?["labels"] == ["com.docker.compose.project=shop"])
            let down = try await compose("-p", "shop", "down")
            #expect(down.errors.hasSuffix(" Container shop-db-1  Removed\n Network net  Removed\n"))
            #expect(engine.requests.filter { $0.method == "network.remove" }.count == 1)
            #expect(try await compose("-p", "shop", "down").errors.contains("WARNING") == false)
            #expect(try await compose("ps").errors.contains("no compose file here or above"))
        }
    }

    @Test func `what fails for one container is done to the others all the same`() async throws {
        try await FakeEngine.with(Self.answers) { engine in
            let stop = try await compose(engine, "stop")
            #expect(stop.exit == 1)
            #expect(stop.errors == "kenter: web-id does not\n Container shop-db-1  Stopped\n")
            let restart = try await compose(engine, "restart", "web", "db")
            #expect(restart.exit == 1)
            #expect(restart.errors == " Container shop-db-1  Started\nkenter: web-id does not\n")
        }
    }

    @Test func `down removes all that it can, and tells all that stays`() async throws {
        try await FakeEngine.with(Self.answers) { engine in
            let down = try await compose(engine, "down", "-v")
            #expect(down.exit == 1)
            #expect(
                down.errors == """
                    kenter: web-id does not
                     Container shop-db-1  Removed
                    kenter: shop_default does not
                     Volume shop_data  Removed

                    """)
        }
    }

    @Test func `a container that is gone before down comes to it is as good as removed`() async throws {
        var answers = Self.answers
        answers["container.stop"] = { _, _ in ["ids": [], "errors": []] }
        answers["container.remove"] = { _, _ in throw RPCError(.notFound, "No such container") }
        answers["network.remove"] = { _, _ in ["id": "x"] }
        try await FakeEngine.with(answers) { engine in
            let down = try await compose(engine, "down")
            #expect(down.exit == 0 && !down.errors.contains("kenter:"), "\(down)")
        }
    }

    @Test func `a log that cannot be read ends neither the others nor what they are followed for`() async throws {
        let looks = Atomic(0)
        var answers = Self.answers
        answers["container.logs"] = { request, connection in
            if request.params["container"] == "web-id" { throw RPCError(.internal, "the log of web is broken") }
            let data: JSONObject = [
                "stream": request.params["stream"] ?? .null, "channel": "stdout",
                "data": .string(Base64("2026-11-24T02:39:00Z here\n".utf8).text),
            ]
            connection.notify("stream.data", data)
            return [:]
        }
        answers["container.inspect"] = { request, _ in
            let isWeb = request.params["container"] == "web-id"
            // Both end after db's log was read twice.
            let count = isWeb ? looks.load(ordering: .relaxed) : looks.add(1, ordering: .relaxed).newValue
            let status = count > 2 ? ContainerStatus.exited : .running
            return try Self.container(isWeb ? "web" : "db", status)
        }
        try await FakeEngine.with(answers) { engine in
            let logs = try await compose(engine, "logs", "--follow")
            #expect(logs.exit == 1)
            #expect(logs.output == "shop-db-1   | here\n", "once, though it was read three times\n\(logs)")
            #expect(logs.errors.contains("kenter: the log of web is broken\n"), "\(logs)")
            #expect(logs.errors.contains("shop-db-1 exited with code 0\n"), "\(logs)")
            #expect(logs.errors.contains("shop-web-1 exited with code 0\n"), "\(logs)")
        }
    }

    private static func container(_ service: String, _ status: ContainerStatus) throws -> JSONObject {
        try JSONValueEncoder().encodeObject(
            Container(
                id: "\(service)-id", name: "shop-\(service)-1", image: "a", imageId: "a",
                createdAt: "2026-11-24T02:39:00Z",
                config: Container.Configuration(
                    user: "", workdir: "/", hostname: "", tty: false, stdinOpen: false, stopSignal: "SIGTERM",
                    stopTimeoutSeconds: 10, readOnly: false, privileged: false, autoRemove: false),
                state: Container.State(status: status, exitCode: 0, restartCount: 0), networkMode: "bridge",
                restart: RestartPolicy(policy: .no), resources: Resources(), hostsPath: "", logPath: ""))
    }
}
