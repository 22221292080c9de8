import ChildProcess
import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

/// The built `kenter`, talking to a peer that answers what the test says.
@Suite struct CommandTests {
    private func kenter(
        _ engine: FakeEngine, _ arguments: [String], input: String = "", environment: [String] = []
    ) async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("kenter")] + arguments, input: Array(input.utf8),
            environment: ["PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)"] + environment)
    }

    private static let created: FakeEngine.Answer = { _, _ in ["id": "abc123", "name": "web", "warnings": ["mind"]] }

    private static func failing(_ kind: RPCError.Kind, _ message: String) -> FakeEngine.Answer {
        { _, _ in throw RPCError(kind, message) }
    }

    @Test func `a detached run prints the id and tells warnings`() async throws {
        let run: FakeEngine.Answer = { _, _ in ["id": "abc123", "name": "web", "warnings": ["mind"], "addresses": [:]] }
        try await FakeEngine.with(["container.run": run]) { engine in
            let result = try await kenter(
                engine, ["run", "-d", "--name", "web", "-e", "HERE", "-e", "GONE", "busybox", "sleep", "-5"],
                environment: ["HERE=1"])
            #expect(result.output == "abc123\n")
            #expect(result.errors == "WARNING: mind\n")
            #expect(result.exit == 0)
            #expect(
                engine.params(of: "container.run")
                    == ["image": "busybox", "name": "web", "command": ["sleep", "-5"], "env": ["HERE=1", "GONE"]])
        }
    }

    @Test func `a missing image is pulled and the run repeated`() async throws {
        let pulled = Atomic(false)
        let run: FakeEngine.Answer = { _, _ in
            guard pulled.load(ordering: .relaxed) else {
                throw RPCError(
                    .notFound, "No such image: busybox:latest", details: ["image": "busybox:latest"])
            }
            return ["id": "abc123", "name": "web", "warnings": [], "addresses": [:]]
        }
        let pull: FakeEngine.Answer = { _, _ in
            pulled.store(true, ordering: .relaxed)
            return ["images": []]
        }
        try await FakeEngine.with(["container.run": run, "image.pull": pull]) { engine in
            let result = try await kenter(engine, ["run", "-d", "busybox"])
            #expect(result.errors == "Unable to find image 'busybox:latest' locally\n")
            #expect(result.exit == 0)
            let never = try await kenter(engine, ["run", "-d", "--pull", "never", "busybox"])
            #expect(never.exit == 0)
        }
    }

    /// Attaches, then writes and exits once started.
    private func foreground(code: Int64) -> [String: FakeEngine.Answer] {
        let started = Flag()
        let attach: FakeEngine.Answer = { request, connection in
            let stream = request.params["stream"] ?? .null
            #expect(await eventually { started.value })
            for (channel, text) in [("stdout", "out\n"), ("stderr", "err\n")] {
                connection.notify(
                    "stream.data",
                    ["stream": stream, "channel": .string(channel), "data": .string(Base64(text.utf8).text)])
            }
            return ["exitCode": .integer(code)]
        }
        let start: FakeEngine.Answer = { _, _ in
            started.value = true
            return ["ids": ["abc123"], "errors": []]
        }
        return [
            "container.create": Self.created, "container.attach": attach, "container.start": start,
        ]
    }

    @Test(arguments: [0, 7, 137] as [Int64])
    func `a run in the foreground shows both outputs and ends with the container's status`(_ code: Int64) async throws {
        try await FakeEngine.with(foreground(code: code)) { engine in
            let result = try await kenter(engine, ["run", "busybox", "true"])
            #expect(result.output == "out\n")
            #expect(result.errors == "WARNING: mind\nerr\n")
            #expect(result.exit == Int32(code))
            #expect(
                engine.requests.map(\.method)
                    == ["container.create", "container.attach", "container.start"])
            #expect(engine.params(of: "container.attach")?["stdin"] == false)
        }
    }

    @Test(
        arguments: [
            (RPCError.Kind.precondition, "Cannot link to a non running container: /src AS /web/db", 125),
            (.io, "exec: \"nosuch\": executable file not found in $PATH", 127),
            (.io, "exec: \"/etc\": permission denied", 126),
        ] as [(RPCError.Kind, String, Int32)])
    func `a run that does not start is undone`(_ kind: RPCError.Kind, _ message: String, _ status: Int32) async throws {
        var answers = foreground(code: 0)
        let details: JSONObject = status == 125 ? [:] : ["exitCode": .integer(Int64(status))]
        answers["container.start"] = { _, _ in throw RPCError(kind, message, details: details) }
        answers["container.attach"] = { _, _ in
            try await Task.sleep(for: .seconds(60)); return [:]
        }
        answers["container.remove"] = { _, _ in ["id": "abc123"] }
        try await FakeEngine.with(answers) { engine in
            let result = try await kenter(engine, ["run", "busybox", "nosuch"])
            #expect(result.errors == "WARNING: mind\nkenter: \(message)\n")
            #expect(result.exit == status)
            #expect(engine.params(of: "container.remove") == ["container": "abc123", "force": true, "volumes": true])
        }
    }

    @Test(
        arguments: [
            (["run", "-d", "busybox"], 125), (["run", "busybox"], 125), (["create", "busybox"], 1),
            (["start", "web"], 1),
            (["volume", "create", "x"], 1), (["ps"], 1),
        ] as [([String], Int32)])
    func `an engine's refusal ends with Docker's status`(_ words: [String], _ status: Int32) async throws {
        let refuse = Self.failing(.conflict, "it is taken\u{1b}[2J")
        let answers = Dictionary(
            uniqueKeysWithValues: [
                "container.run", "container.create", "container.start", "volume.create", "container.list",
            ]
            .map { ($0, refuse) })
        try await FakeEngine.with(answers) { engine in
            let result = try await kenter(engine, words)
            #expect(result.errors.hasPrefix("kenter: it is taken\\u001b[2J\n"))
            #expect(result.exit == status)
        }
    }

    @Test(
        arguments: [
            (["run", "--bogus", "x"], 125, "kenter: unknown flag: --bogus\nSee 'kenter run --help'.\n"),
            (["run", "--link"], 125, "kenter: flag needs an argument: --link\nSee 'kenter run --help'.\n"),
            (
                ["run", "--link", "a:b:c", "x"], 125,
                "kenter: invalid argument \"a:b:c\" for \"--link\" flag: bad format for links: a:b:c\nSee 'kenter run --help'.\n"
            ),
            (["create", "--bogus", "x"], 1, "kenter: unknown flag: --bogus\nSee 'kenter create --help'.\n"),
            (["exec", "-it", "web", "sh"], 1, "kenter: the input device is not a TTY\n"),
            (["run", "-it", "x"], 1, "kenter: the input device is not a TTY\n"),
        ] as [([String], Int32, String)])
    func `a wrong command line is told without asking the engine`(
        _ words: [String], _ status: Int32, _ errors: String
    ) async throws {
        try await FakeEngine.with([:]) { engine in
            let result = try await kenter(engine, words)
            #expect(result.errors == errors)
            #expect(result.exit == status)
            #expect(engine.requests.isEmpty)
        }
    }

    @Test(arguments: [["ps", "--bogus"], ["nosuch"], ["stop"]])
    func `other usage errors end with 1`(_ words: [String]) async throws {
        try await FakeEngine.with([:]) { engine in
            let result = try await kenter(engine, words)
            #expect(result.errors.hasPrefix("kenter: "))
            #expect(result.exit == 1)
        }
    }

    @Test(
        arguments: [
            (
                ["build", "."], 1,
                "kenter: 'build' is not in kenter: build with buildah or docker, then 'kenter load'\nSee 'kenter --help'.\n"
            ),
            (
                ["compose", "run", "web"], 1,
                "kenter: 'compose run' is not in kenter: use 'kenter compose exec' in a running service, or 'kenter run'\nSee 'kenter compose --help'.\n"
            ),
            (
                ["run", "--ulimit", "nofile=1", "x"], 125,
                "kenter: '--ulimit' is not in kenter: --pids-limit, --memory and --cpus limit it\nSee 'kenter run --help'.\n"
            ),
        ] as [([String], Int32, String)])
    func `what Docker alone has is no typo`(_ words: [String], _ status: Int32, _ errors: String) async throws {
        let result = try await Command.run([BuildProducts.executable("kenter")] + words)
        #expect(result.errors == errors)
        #expect(result.exit == status)
    }

    @Test func `help may be asked for before and behind a command`() async throws {
        let kenter = BuildProducts.executable("kenter")
        let expected = try await Command.run([kenter, "ps", "--help"]).output
        for words in [["help", "ps"], ["--help", "ps"], ["-h", "ps"], ["ps", "-h"]] {
            #expect(try await Command.run([kenter] + words).output == expected)
        }
        #expect(try await Command.run([kenter, "-h"]).output == Command.run([kenter, "--help"]).output)
        #expect(try await Command.run([kenter, "volume", "-h"]).output.hasPrefix("Usage:  kenter volume COMMAND"))
    }

    @Test(arguments: [["--help"], ["run", "--help"], ["volume", "--help"], ["--version"], ["completion", "bash"]])
    func `help is no error`(_ words: [String]) async throws {
        let result = try await Command.run([BuildProducts.executable("kenter")] + words)
        #expect(result.exit == 0)
        #expect(!result.output.isEmpty && result.errors.isEmpty)
    }

    @Test(arguments: [(["ps"], 1), (["run", "-d", "x"], 125), (["rpc"], 1)] as [([String], Int32)])
    func `without an engine it says how to start one`(_ words: [String], _ status: Int32) async throws {
        let words = ["--host", "unix:///nowhere/kenter.sock"] + words
        let result = try await Command.run([BuildProducts.executable("kenter")] + words)
        #expect(result.errors.contains("unix:///nowhere/kenter.sock"))
        #expect(result.errors.contains("start one with 'kenterd'"))
        #expect(result.exit == status)
    }

    @Test func `several containers are stopped in one call, and what fails is told`() async throws {
        let stop: FakeEngine.Answer = { _, _ in
            ["ids": ["1", "3"], "errors": [["container": "b", "message": "No such container: b"]]]
        }
        try await FakeEngine.with(["container.stop": stop]) { engine in
            let result = try await kenter(engine, ["stop", "-t", "0", "a", "b", "c"])
            #expect(result.output == "a\nc\n")
            #expect(result.errors == "kenter: No such container: b\n")
            #expect(result.exit == 1)
            #expect(engine.params(of: "container.stop") == ["containers": ["a", "b", "c"], "timeoutSeconds": 0])
        }
    }

    @Test func `a list goes through all pages`() async throws {
        let list: FakeEngine.Answer = { request, _ in
            func volume(_ name: String) -> JSONValue {
                [
                    "name": .string(name), "provider": "storage-overlay", "createdAt": "2026-01-01T00:00:00Z",
                    "labels": [:], "parameters": [:], "usedBy": [], "isAnonymous": false,
                ]
            }
            if request.params["cursor"] == "2" { return ["volumes": [volume("b")]] }
            return ["volumes": [volume("a")], "next": "2"]
        }
        try await FakeEngine.with(["volume.list": list]) { engine in
            let table = try await kenter(engine, ["volume", "ls"])
            #expect(table.output == "DRIVER            VOLUME NAME\nstorage-overlay   a\nstorage-overlay   b\n")
            #expect(try await kenter(engine, ["volume", "ls", "-q"]).output == "a\nb\n")
            let json = try JSONScanner.scan(Array(try await kenter(engine, ["volume", "ls", "--json"]).output.utf8))
            #expect(json.array?.count == 2)
        }
    }

    @Test func `inspect looks among all nouns and prints what it found`() async throws {
        let answers: [String: FakeEngine.Answer] = [
            "container.inspect": Self.failing(.notFound, "x"), "image.inspect": Self.failing(.notFound, "x"),
            "network.inspect": Self.failing(.notFound, "x"),
            "volume.inspect": { request, _ in
                guard request.params["volume"] == "data" else { throw RPCError(.notFound, "x") }
                return ["name": "data"]
            },
        ]
        try await FakeEngine.with(answers) { engine in
            let found = try await kenter(engine, ["inspect", "data"])
            #expect(found.output == "[\n    {\n        \"name\": \"data\"\n    }\n]\n")
            #expect(found.exit == 0)
            let missing = try await kenter(engine, ["inspect", "nosuch"])
            #expect(missing.output == "[]\n")
            #expect(missing.errors == "Error: No such object: nosuch\n")
            #expect(missing.exit == 1)
        }
    }

    @Test func `exec sends input and ends with the command's status`() async throws {
        let received = Mutex<[UInt8]>([])
        let ended = Flag()
        let exec: FakeEngine.Answer = { request, connection in
            #expect(await eventually { ended.value })
            connection.notify(
                "stream.data",
                [
                    "stream": request.params["stream"] ?? .null, "channel": "stdout",
                    "data": .string(Base64(received.withLock { $0 }).text),
                ])
            return ["exitCode": 3]
        }
        let listener: FakeEngine.Listener = { notification, _ in
            guard let data = try? JSONValueDecoder().decode(StreamData.self, from: notification.params) else { return }
            received.withLock { $0 += data.data.bytes }
            if data.eof == true { ended.value = true }
        }
        try await FakeEngine.with(["container.exec": exec], notified: listener) { engine in
            let result = try await kenter(engine, ["exec", "-i", "-u", "1", "web", "cat", "-n"], input: "hello\n")
            #expect(result.output == "hello\n")
            #expect(result.exit == 3)
            let params = engine.params(of: "container.exec")
            #expect(params?["command"] == ["cat", "-n"])
            #expect(params?["user"] == "1")
            #expect(params?["stdin"] == true)
        }
    }

    @Test func `load sends the file as a stream`() async throws {
        let received = Atomic(0)
        let ended = Flag()
        let load: FakeEngine.Answer = { _, _ in
            #expect(await eventually { ended.value })
            return [
                "images": [
                    [
                        "id": "sha256:1", "references": ["a:1", "b:2"], "digests": [],
                        "createdAt": "2026-01-01T00:00:00Z",
                        "sizeBytes": 5,
                    ]
                ]
            ]
        }
        let listener: FakeEngine.Listener = { notification, connection in
            guard let data = try? JSONValueDecoder().decode(StreamData.self, from: notification.params) else { return }
            received.add(data.data.bytes.count, ordering: .relaxed)
            connection.notify(
                "stream.credit", ["stream": .string(data.stream), "bytes": .integer(Int64(data.data.bytes.count))])
            if data.eof == true { ended.value = true }
        }
        try await FakeEngine.with(["image.load": load], notified: listener) { engine in
            let result = try await kenter(engine, ["load"], input: String(repeating: "x", count: 1 << 20))
            #expect(result.output == "Loaded image: a:1\nLoaded image: b:2\n")
            #expect(result.exit == 0)
            #expect(received.load(ordering: .relaxed) == 1 << 20)
        }
    }

    @Test func `rpc passes lines on and ends after the last answer`() async throws {
        let ping: FakeEngine.Answer = { _, _ in ["pong": true] }
        try await FakeEngine.with(["engine.ping": ping]) { engine in
            let input = #"{"jsonrpc":"2.0","id":"a","method":"engine.ping"}"# + "\nnonsense"
            let result = try await kenter(engine, ["rpc"], input: input)
            let lines = result.output.split(separator: "\n").map { try? JSONScanner.scan(Array($0.utf8)) }
            #expect(lines.count == 2)
            #expect(lines.first??.object?["result"] == ["pong": true])
            #expect(lines.last??.object?["error"]?.object?["code"] == -32700)
            #expect(result.exit == 0)
        }
    }

    @Test func `rpc builds one call`() async throws {
        let create: FakeEngine.Answer = { request, _ in ["name": request.params["name"] ?? .null] }
        try await FakeEngine.with([
            "volume.create": create, "volume.remove": Self.failing(.notFound, "No such volume: x"),
        ]) {
            engine in
            let result = try await kenter(engine, ["rpc", "volume.create", "name=data", "labels:={\"a\":\"b\"}"])
            #expect(result.output == "{\"name\":\"data\"}\n")
            #expect(engine.params(of: "volume.create") == ["name": "data", "labels": ["a": "b"]])
            let failed = try await kenter(engine, ["rpc", "volume.remove", "volumes:=[\"x\"]"])
            #expect(failed.errors.contains(#""kind":"notFound""#))
            #expect(failed.exit == 1)
        }
    }

    @Test func `removing a link is not removing a container`() async throws {
        let answers: [String: FakeEngine.Answer] = [
            "link.remove": { request, _ in
                guard request.params["alias"] == "mysql" else { throw RPCError(.notFound, "No such link: web/nosuch") }
                return [:]
            },
            "container.inspect": Self.failing(.notFound, "No such container: nope"),
            "container.remove": Self.failing(.notFound, "No such container: gone"),
        ]
        try await FakeEngine.with(answers) { engine in
            let removed = try await kenter(engine, ["rm", "--link", "/web/mysql"])
            #expect(removed.output == "/web/mysql\n")
            #expect(engine.params(of: "link.remove") == ["consumer": "web", "alias": "mysql"])
            let unknown = try await kenter(engine, ["rm", "--link", "web/nosuch"])
            #expect(unknown.errors == "kenter: No such container: web/nosuch\n")
            let missing = try await kenter(engine, ["rm", "--link", "nope"])
            #expect(missing.errors == "kenter: No such container: nope\n")
            #expect(missing.exit == 1)
            let forced = try await kenter(engine, ["rm", "-f", "gone"])
            #expect(forced.errors == "kenter: No such container: gone\n")
            #expect(forced.exit == 0)
        }
    }
}

/// A flag that closures can share.
private final class Flag: Sendable {
    private let flag = Atomic(false)
    var value: Bool {
        get { flag.load(ordering: .sequentiallyConsistent) }
        set { flag.store(newValue, ordering: .sequentiallyConsistent) }
    }
}
