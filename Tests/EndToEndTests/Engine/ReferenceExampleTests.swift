import Glibc
import JSONRPC
import KenterProtocol
import KenterSchema
import TestSupport
import Testing

/// The reference says what happens: its examples are executed, in order, and its document is the one that is served.
///
/// With `RECORD_EXAMPLES=1` in the environment what comes back is written to ExampleResults.swift instead of compared.
@Suite struct ReferenceExampleTests {
    private static let isRecording = getenv("RECORD_EXAMPLES") != nil
    private static let recordPath = "\(BuildProducts.checkout)/Sources/KenterSchema/Examples/ExampleResults.swift"

    @Test func everyExampleOfTheReferenceDoesWhatItSays() async throws {
        let mirror = #"{"registryMirrors":["http://127.0.0.1:5000"]}"#
        let listen = ["--listen", "127.0.0.1:\(TransportTests.port)"]
        try await TestEngine.with(configuration: mirror, arguments: listen) { engine in
            let registry = try await Registry(in: engine)
            defer { registry.stop() }
            let files = "\(engine.directory)/images"
            try await Command.succeed(["mkdir", files])
            let rootfs = try await Command.succeed([BuildProducts.fixture("images/build"), "busybox"]).line
            try await Command.succeed(["cp", rootfs, "\(files)/rootfs.tar"])
            try await registry.push(rootfs, as: ["library/busybox:latest"])
            try await registry.save("library/busybox:latest", as: "docker-archive:\(files)/busybox.tar:busybox:saved")

            let plugin = "\(BuildProducts.checkout)/Plugins/Examples/link-kubernetes"
            try await Command.succeed(["install", "-m", "0755", plugin, "\(engine.root)/plugins/"])

            let player = try ExamplePlayer(engine, files: files)
            for example in try Examples.all() {
                let result = try await player.play(example)
                if !Self.isRecording {
                    #expect(result == example.result, "\(example.title): \(JSONValue.object(result).text)")
                }
            }
            try await player.finish()
            if Self.isRecording { try TextFile.write(player.record, to: Self.recordPath) }
            // The last example has ended it.
            #expect(await eventually { access(engine.socket, F_OK) != 0 })
            await engine.crash()
            try await engine.start()
        }
    }

    @Test func theServedDocumentIsThatOfTheReference() async throws {
        try await TestEngine.with { engine in
            var served = try #require(try await engine.call("rpc.discover")["result"].object)
            var written = try EngineAPI.document(version: "1")
            let version = try await engine.call("engine.info")["result"]["version"]
            #expect(served["info"]?["version"] == version)
            served["info"] = nil
            written["info"] = nil
            let names = { (document: JSONObject) in (document["methods"]?.array ?? []).compactMap { $0["name"].string }
            }
            #expect(names(served) == names(written), "EngineMethods and the routes must name the same methods")
            #expect(served == written)
        }
    }
}

/// Sends examples over one connection and makes what comes back the same every time.
private final class ExamplePlayer {
    private let engine: TestEngine
    private let client: LineClient
    private let files: String
    private var lastID: Int64 = 0
    /// Made-up ids for those of this run, in the order they came up.
    private var identities: [String: String] = [:]
    /// Requests that are answered when something else has happened.
    private var pending: [Int64: MethodExample] = [:]
    private var results: [(title: String, result: JSONObject)] = []

    init(_ engine: TestEngine, files: String) throws {
        self.engine = engine
        self.files = files
        client = try engine.connect()
    }

    /// The example's result; that of an attachment comes with its container's end, which ``finish()`` waits for.
    func play(_ example: MethodExample) async throws -> JSONObject {
        if example.method == RpcAuth.name { return try await playOverTCP(example) }
        lastID += 1
        let params = JSONValue.object(example.params).text.replacing("/srv/images", with: files)
        await client.send(#"{"jsonrpc":"2.0","id":\#(lastID),"method":"\#(example.method)","params":\#(params)}"#)
        if example.method == "container.attach" {
            pending[lastID] = example
            return example.result ?? JSONObject()
        }
        if example.method == "container.copyIn" { try await sendArchive(example.params["stream"]?.string ?? "") }
        return try await receive(lastID, example)
    }

    /// Where alone it does something: with the cookie that there is, and what it opens is open.
    private func playOverTCP(_ example: MethodExample) async throws -> JSONObject {
        let shown = try #require(example.params["token"]?.string)
        let cookie = TextFile.read("\(engine.runDirectory)/cookie")
        #expect(shown.count == cookie.count && example.params.names == ["token"])
        let client = try await LineClient.tcp(port: TransportTests.port, in: engine.network)
        let answer = try await client.call(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(example.method)","params":{"token":"\#(cookie)"}}"#)
        let ping = try await client.call(#"{"jsonrpc":"2.0","id":2,"method":"engine.ping"}"#)
        #expect(ping["result"].object != nil, "\(ping.text)")
        let result = try #require(answer["result"].object, "\(answer.text)")
        results.append((example.title, result))
        return result
    }

    /// What `container.copyIn` takes beside its request.
    private func sendArchive(_ stream: String) async throws {
        var archive = TarArchive()
        archive.add("hello", "hello\n")
        let data = try JSONValueEncoder().encode(
            StreamData(stream: stream, channel: .stdin, data: Base64(archive.bytes), eof: true))
        let notification: JSONValue = ["jsonrpc": "2.0", "method": .string(StreamData.name), "params": data]
        await client.send(notification.text)
    }

    /// Attachments have ended by now.
    func finish() async throws {
        for (id, example) in pending {
            let result = try await receive(id, example)
            #expect(example.result == nil || result == example.result, "\(example.title)")
        }
    }

    private var early: [Int64: JSONValue] = [:]

    private func receive(_ id: Int64, _ example: MethodExample) async throws -> JSONObject {
        while early[id] == nil {
            guard let line = try await client.receive() else {
                throw CommandFailure("the connection ended before the answer to '\(example.title)'")
            }
            let value = try JSONScanner.scan(line.utf8, limits: JSONLimits(tokens: 2_000_000, stringBytes: 1 << 20))
            if let answered = value["id"].integer { early[answered] = value }
        }
        let answer = early.removeValue(forKey: id) ?? .null
        guard let result = answer["result"].object else {
            throw CommandFailure("'\(example.title)' was answered with \(answer.text)")
        }
        let steady = steady(.object(result), name: "").object ?? JSONObject()
        results.append((example.title, steady))
        return steady
    }

    // MARK: the same every time

    private func steady(_ value: JSONValue, name: String) -> JSONValue {
        switch value {
        case .object(let object):
            return .object(JSONObject(object.members.map { (steady($0.name), steady($0.value, name: $0.name)) }))
        case .array(let elements):
            // What this host cannot do is another matter.
            return name == "warnings" ? [] : .array(elements.map { steady($0, name: name) })
        case .integer, .double:
            return name == "cpuSeconds" ? .double(0.01) : Self.numbers[name].map { .integer($0) } ?? value
        case .string(let text): return Self.texts[name].map { .string($0) } ?? .string(steady(text))
        default: return value
        }
    }

    private static let numbers: [String: Int64] = [
        "pid": 4242, "parentPid": 4200, "sizeBytes": 2_165_248, "cpuPercent": 0, "seq": 7, "cpuNanoseconds": 12_000_000,
        "memoryUsageBytes": 315_392, "memoryLimitBytes": 67_108_864, "pids": 1, "blockReadBytes": 0,
        "blockWriteBytes": 0, "rxBytes": 0, "txBytes": 0, "rxPackets": 0, "txPackets": 0, "dropped": 0,
    ]
    private static let texts = [
        "kernel": "6.1.0", "architecture": "x86_64", "cgroup": "v2", "runtime": "crun 1.8.1",
        "mac": "02:42:ac:11:00:02",
    ]

    private func steady(_ text: String) -> String {
        var text = text
        for (path, shown) in [
            (files, "/srv/images"), (engine.root, "/var/lib/kenter"), (engine.runDirectory, "/run/kenter"),
            (
                BuildProducts.executable("link-legacy").replacing("/link-legacy", with: ""),
                "/usr/local/libexec/kenter/plugins"
            ),
        ] { text = text.replacing(path, with: shown) }
        text = text.replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#) { _ in "2026-01-01T12:00:00.000000000Z" }
        text = text.replacing(#/\b(Less than a second|\d+ seconds?)\b/#) { _ in "2 seconds" }
        let ids = #/\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b|\b[0-9a-f]{12}\b/#
        return text.replacing(ids) { match in identity(String(match.output)) }
    }

    /// A made-up id; the short form of a known one is that one's.
    private func identity(_ text: String) -> String {
        if let known = identities.first(where: { $0.key.hasPrefix(text) }) {
            return String(known.value.prefix(text.count))
        }
        var state = UInt64(identities.count + 1) &* 0x9e37_79b9_7f4a_7c15
        let digits = (0..<64).map { _ -> Character in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Array("0123456789abcdef")[Int(state >> 60)]
        }
        identities[text] = String(digits)
        return String(digits.prefix(text.count))
    }

    /// The text of ExampleResults.swift.
    var record: String {
        let lines = results.map { "        \($0.title)\t\(JSONValue.object($0.result).text)" }
        return ##"""
            // Recorded by ReferenceExampleTests; do not edit.

            // swift-format-ignore
            enum ExampleResults {
                static let text = #"""
            \##(lines.joined(separator: "\n"))
                    """#
            }

            """##
    }
}
