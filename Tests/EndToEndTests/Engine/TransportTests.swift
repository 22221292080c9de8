import ChildProcess
import Glibc
import JSONRPC
import TestSupport
import Testing

/// One way to speak to an engine.
enum Transport: String, CaseIterable, Sendable {
    case unix
    case tcp
    case stdio
}

@Suite struct TransportTests {
    static let port: UInt16 = 7300

    @Test(arguments: Transport.allCases)
    func badLinesGetTheirErrorsAndTheConnectionGoesOn(_ transport: Transport) async throws {
        try await TestEngine.with(arguments: ["--listen", "127.0.0.1:\(Self.port)"]) { engine in
            let long =
                #"{"jsonrpc":"2.0","id":3,"method":"engine.ping","params":{"x":""#
                + String(repeating: "a", count: 1 << 21) + #""}}"#
            let lines = [
                #"{"jsonrpc":"2.0","id":1,"method":"#,
                #"{"jsonrpc":"2.0","id":2,"method":"no.such"}"#,
                long,
                #"{"jsonrpc":"2.0","id":4,"method":"container.inspect","params":{"container":"aa","containr":"a"}}"#,
                #"{"jsonrpc":"2.0","id":5,"method":"container.list","params":{"all":"yes"}}"#,
                #"{"jsonrpc":"2.0","id":6,"method":"engine.ping"}"#,
            ]
            let answers = try await exchange(lines, with: engine, over: transport)
            let codes = answers.map { $0["error"]["code"].integer }
            #expect(Set(codes) == [-32700, -32601, -32010, -32602, nil], "\(answers.map(\.text))")
            #expect(answers.count == lines.count)
            #expect(answers.contains { $0["id"] == 6 && $0["result"].object != nil })
            #expect(answers.contains { $0["id"] == .null && $0["error"]["data"]["kind"] == "parse" })
            #expect(answers.contains { $0["id"] == 2 && $0["error"]["data"]["kind"] == "methodNotFound" })
            #expect(
                answers.contains { $0["id"] == 4 && ($0["error"]["data"]["path"].string ?? "").contains("containr") })
            #expect(answers.contains { $0["error"]["data"]["kind"] == "messageTooLarge" })
        }
    }

    @Test func aRequestOverTCPNeedsTheCookie() async throws {
        try await TestEngine.with(arguments: ["--listen", "127.0.0.1:\(Self.port)"]) { engine in
            #expect(TextFile.read("\(engine.runDirectory)/tcp").hasPrefix("127.0.0.1:\(Self.port)"))
            for line in [
                #"{"jsonrpc":"2.0","id":1,"method":"engine.ping"}"#,
                #"{"jsonrpc":"2.0","id":1,"method":"rpc.auth","params":{"token":"\#(String(repeating: "0", count: 64))"}}"#,
                #"{"jsonrpc":"2.0","id":1,"method":"engine.ping","params":{"_meta":{"auth":"wrong"}}}"#,
            ] {
                let client = try await LineClient.tcp(port: Self.port, in: engine.network)
                let answer = try await client.call(line)
                #expect(answer["error"]["data"]["kind"] == "unauthenticated", "\(answer.text)")
                #expect(try await client.receive() == nil)
            }
            let client = try await LineClient.tcp(port: Self.port, in: engine.network)
            // Blank lines are none, here neither.
            await client.send("\n  ")
            let inline =
                #"{"jsonrpc":"2.0","id":1,"method":"engine.ping","params":{"_meta":{"auth":"\#(cookie(of: engine))"}}}"#
            #expect(try await client.call(inline)["result"].object != nil)
        }
    }

    /// Over TCP a peer that is gone looks like one that has finished writing, which still wants its answers.
    @Test func clientsThatGoWithoutAWordKeepNobodyOut() async throws {
        let limits = #"{"limits":{"connections":5}}"#
        try await TestEngine.with(
            images: ["busybox"], configuration: limits, arguments: ["--listen", "127.0.0.1:\(Self.port)"]
        ) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let auth = #"{"jsonrpc":"2.0","id":0,"method":"rpc.auth","params":{"token":"\#(cookie(of: engine))"}}"#
            let wait = #"{"jsonrpc":"2.0","id":1,"method":"container.wait","params":{"container":"aa"#
            do {
                // The connections of the commands before may still count.
                var gone = try await admitted(5, auth, engine)
                for client in gone.dropFirst() { await client.send(wait + #""}}"#) }
                let waiting = gone[0]
                await waiting.send(wait + #"","_meta":{"timeoutMs":5000}}}"#)
                waiting.finish()
                gone = []
                let answer = try JSONValue(text: try #require(try await waiting.receive()))
                #expect(answer["error"]["data"]["kind"] == "timeout", "\(answer.text)")
                #expect(try await waiting.receive() == nil)
            }
            _ = try await admitted(5, auth, engine)
            #expect(try await eventually { try await engine.kenter(["ps"]).exit == 0 })
        }
    }

    /// So many clients that are let in, soon.
    private func admitted(_ count: Int, _ auth: String, _ engine: TestEngine) async throws -> [LineClient] {
        var clients: [LineClient] = []
        _ = try await eventually(within: .seconds(15)) {
            let client = try await LineClient.tcp(port: Self.port, in: engine.network)
            let answer = try await client.call(auth)
            if answer["result"].object != nil { clients.append(client) }
            return clients.count == count
        }
        try #require(clients.count == count)
        return clients
    }

    @Test func aBridgeTakesLinesAsLongAsItsEngineDoes() async throws {
        let limits = #"{"limits":{"lineBytesToEngine":4194304}}"#
        try await TestEngine.with(configuration: limits) { engine in
            let padding = String(repeating: " ", count: 2 << 20)
            let answers = try await exchange(
                [#"{"jsonrpc":"2.0","id":1,\#(padding)"method":"engine.info"}"#], with: engine, over: .stdio)
            #expect(answers.count == 1 && answers[0]["result"]["config"]["limits"]["lineBytesToEngine"] == 4_194_304)
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{3}\u{1}\n", "[]\n", "hello\n"])
    func whatIsNoRequestClosesTheTCPConnectionUnanswered(_ text: String) async throws {
        try await TestEngine.with(arguments: ["--listen", "127.0.0.1:\(Self.port)"]) { engine in
            let client = try await LineClient.tcp(port: Self.port, in: engine.network)
            await client.send(bytes: Array(text.utf8))
            #expect(try await client.receive() == nil)
        }
    }

    /// However little comes however often, blanks among it: the time for the first line does not begin anew.
    @Test func whoeverTricklesBytesBeforeTheCookieIsClosedInTime() async throws {
        try await TestEngine.with(arguments: ["--listen", "127.0.0.1:\(Self.port)"]) { engine in
            let rpc = try await LineClient.tcp(port: Self.port, in: engine.network)
            let blank = try await LineClient.tcp(port: Self.port, in: engine.network)
            let begin = ContinuousClock.now
            let line = Array(#"{"jsonrpc":"2.0","id":1,"method":"rpc.auth","params":{"token":""#.utf8)
            var lived: Duration?
            for number in 0..<150 where lived == nil {
                await rpc.send(bytes: [number < line.count ? line[number] : UInt8(ascii: "0")])
                await blank.send(bytes: [UInt8(ascii: number % 2 == 0 ? " " : "\n")])
                try await Task.sleep(for: .milliseconds(100))  // The pace of the peer, not a wait for anything.
                if rpc.isClosedByPeer, blank.isClosedByPeer { lived = .now - begin }
            }
            #expect(try #require(lived) > .seconds(4.5), "it was not waited for")
            for client in [rpc, blank] { #expect(try await client.receive() == nil) }
        }
    }

    @Test func onlyLoopbackAddressesAreListenedOn() async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))l"
        let result = try await Command.run(
            [
                "unshare", "--net", BuildProducts.executable("kenterd"), "--root", "\(directory)/r", "--run",
                "\(directory)/n",
                "--listen", "0.0.0.0:7300",
            ], within: .seconds(10))
        try await Command.succeed(["rm", "-rf", directory])
        #expect(result.exit != 0 && result.exit != 137, "\(result)")
        #expect(result.errors.contains("loopback"), "\(result)")
    }

    @Test func editorsShareAnEngineThatEndsOnceTheyAndTheContainersAreGone() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.stop()
            let (first, second) = (try Editor(engine), try Editor(engine))
            let pid = try await first.call("engine.info", [:])["pid"]
            #expect(pid.integer != nil)
            #expect(try await second.call("engine.info", [:])["pid"] == pid)
            try await first.end()
            _ = try await second.call("container.run", ["image": "busybox", "name": "aa", "command": ["sleep", "1d"]])
            try await second.end()
            let third = try Editor(engine)
            #expect(try await third.call("engine.info", [:])["pid"] == pid)
            _ = try await third.call("container.remove", ["container": "aa", "force": true])
            try await third.end()
            // Whether the last engine is there, ends or has ended: the next editor gets one.
            var last = pid
            for _ in 0..<5 {
                let next = try Editor(engine)
                last = try await next.call("engine.info", [:])["pid"]
                try await next.end()
            }
            let process = pid_t(try #require(last.integer))
            #expect(await eventually(within: .seconds(20)) { kill(process, 0) != 0 })
            try await engine.start()
        }
    }

    @Test func theScriptsDoorTakesLinesAndMethods() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let lines = try await engine.kenter(
                ["rpc"],
                input: """
                    {"jsonrpc":"2.0","id":1,"method":"engine.ping"}
                    {"jsonrpc":"2.0","id":2,"method":"container.list"}
                    """)
            #expect(lines.exit == 0)
            #expect(lines.lines.count == 2, "\(lines)")
            let created = try await engine.kenter(
                ["rpc", "container.create", "image=busybox", "name=viaRpc", #"command:=["sleep","1d"]"#])
            #expect(created.exit == 0, "\(created)")
            #expect(try await engine.inspect("viaRpc")["state"]["status"] == "created")
            let refused = try await engine.kenter(["rpc", "container.create", "image=nosuch"])
            #expect(refused.exit != 0)
        }
    }

    @Test func anEngineOutlivesTheSessionOfTheEditorThatStartedIt() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.stop()
            let first = try Editor(engine)
            let pid = try await first.call("engine.info", [:])["pid"]
            let second = try Editor(engine)
            #expect(try await second.call("engine.info", [:])["pid"] == pid)
            first.killSession()
            #expect(try await second.call("engine.info", [:])["pid"] == pid)
            try await second.end()
            let process = pid_t(try #require(pid.integer))
            #expect(await eventually(within: .seconds(20)) { kill(process, 0) != 0 })
            try await engine.start()
        }
    }

    @Test func anEngineThatNobodyComesToEnds() async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))i"
        let result = try await Command.run(
            [
                "unshare", "--net", BuildProducts.executable("kenterd"), "--root", "\(directory)/r", "--run",
                "\(directory)/n", "--end-when-idle",
            ], within: .seconds(60))
        try await Command.succeed(["rm", "-rf", directory])
        #expect(result.exit == 0, "\(result)")
        #expect(result.errors.contains("ready"), "\(result)")
    }

    private func cookie(of engine: TestEngine) -> String {
        TextFile.read("\(engine.runDirectory)/cookie").replacing("\n", with: "")
    }

    /// Sends all lines and returns all answers, parsed.
    private func exchange(_ lines: [String], with engine: TestEngine, over transport: Transport) async throws
        -> [JSONValue]
    {
        if transport == .stdio {
            let result = try await Command.run(
                engine.network.entering([
                    BuildProducts.executable("kenterd"), "--root", engine.root, "--run", engine.runDirectory, "--stdio",
                ]), input: Array(lines.joined(separator: "\n").utf8))
            #expect(result.exit == 0, "\(result)")
            return try result.lines.map { try JSONValue(text: $0) }
        }
        let client: LineClient
        if transport == .unix {
            client = try engine.connect()
        } else {
            client = try await LineClient.tcp(port: Self.port, in: engine.network)
            let answer = try await client.call(
                #"{"jsonrpc":"2.0","id":0,"method":"rpc.auth","params":{"token":"\#(cookie(of: engine))"}}"#)
            #expect(answer["result"].object != nil, "\(answer.text)")
        }
        for line in lines { await client.send(line) }
        client.finish()
        var answers: [JSONValue] = []
        while let line = try await client.receive() { answers.append(try JSONValue(text: line)) }
        return answers
    }
}

/// What starts `kenterd --stdio` as its child.
private struct Editor {
    private let client: LineClient
    private let bridge: Int32

    init(_ engine: TestEngine) throws {
        let (client, descriptor) = try LineClient.pair()
        defer { close(descriptor) }
        let command = engine.network.entering(
            [BuildProducts.executable("kenterd"), "--root", engine.root, "--run", engine.runDirectory, "--stdio"])
        guard let tool = ChildProcess.find(command[0]) else { throw CommandFailure("\(command[0]) is not installed") }
        self.client = client
        bridge = try ChildProcess(
            tool, Array(command.dropFirst()), environment: engine.environment,
            descriptors: [0: descriptor, 1: descriptor, 2: 2], newSession: true
        ).spawn()
    }

    /// Ends it with everything in its session.
    func killSession() {
        kill(-bridge, SIGKILL)
        _ = ExitStatus.wait(for: bridge)
    }

    /// The result.
    func call(_ method: String, _ params: JSONObject) async throws -> JSONValue {
        let request = Request(id: .integer(1), method: method, params: params)
        let answer = try await client.call(JSONValue.object(Message.request(request).json).text)
        #expect(answer["result"].object != nil, "\(answer.text)")
        return answer["result"]
    }

    func end() async throws {
        client.finish()
        #expect(try await client.receive() == nil)
        #expect(ExitStatus.wait(for: bridge) == .exited(0))
    }
}
