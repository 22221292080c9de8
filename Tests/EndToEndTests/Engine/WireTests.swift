import ChildProcess
import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

/// The wire as clients of a real engine see it, over each transport.
@Suite struct WireTests {
    private static let listen = ["--listen", "127.0.0.1:\(TransportTests.port)"]

    @Test(arguments: Transport.allCases)
    func cancellationAndDeadlinesReachRequestsInFlight(_ transport: Transport) async throws {
        try await TestEngine.with(images: ["busybox"], arguments: Self.listen) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let peer = try await Peer(engine, transport)
            let wait = #""method":"container.wait","params":{"container":"aa""#
            for id in 1...70 { await peer.send(#"{"jsonrpc":"2.0","id":\#(id),\#(wait)}}"#) }
            await peer.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":5}}"#)
            let cancelled = try await peer.receive()
            #expect(cancelled["id"] == 5 && cancelled["error"]["code"] == -32800, "\(cancelled.text)")
            for id in 6...70 {
                await peer.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":\#(id)}}"#)
            }
            var ids: Set<Int64> = []
            for _ in 6...70 { if let id = try await peer.receive()["id"].integer { ids.insert(id) } }
            #expect(ids == Set(6...70))
            await peer.send(#"{"jsonrpc":"2.0","id":71,\#(wait),"_meta":{"timeoutMs":100}}}"#)
            let late = try await peer.receive()
            #expect(late["id"] == 71 && late["error"]["data"]["kind"] == "timeout", "\(late.text)")
            try await peer.end()
        }
    }

    @Test func connectionsOverTheLimitAreAnsweredAndClosed() async throws {
        try await TestEngine.with(configuration: #"{"limits":{"connections":3}}"#) { engine in
            var clients: [LineClient] = []
            // The connection that has seen the engine come up may still count.
            let isFull = try await eventually {
                let client = try engine.connect()
                let limits = try await client.call(#"{"jsonrpc":"2.0","id":1,"method":"engine.limits"}"#)
                if limits["result"]["connections"] == 3 { clients.append(client) }
                return clients.count == 3
            }
            #expect(isFull)
            let refused = try engine.connect()
            let answer = try JSONValue(text: try await refused.receive() ?? "")
            #expect(answer["error"]["code"] == -32014 && answer["id"] == .null, "\(answer.text)")
            #expect(try await refused.receive() == nil)
            clients.removeLast()
            let isServed = try await eventually {
                try await engine.connect().call(#"{"jsonrpc":"2.0","id":1,"method":"engine.ping"}"#)["id"] == 1
            }
            #expect(isServed)
            // What comes after the test needs a place, too.
            clients = []
            let isFree = try await eventually { try await engine.kenter(["ps"]).exit == 0 }
            #expect(isFree)
        }
    }

    @Test func whatAllConnectionsHaveInFlightIsBounded() async throws {
        let limits = #"{"limits":{"requestsInFlight":65}}"#
        try await TestEngine.with(images: ["busybox"], configuration: limits) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let (one, other) = (try engine.connect(), try engine.connect())
            let wait = #""method":"container.wait","params":{"container":"aa"}}"#
            for id in 1...63 { await one.send(#"{"jsonrpc":"2.0","id":\#(id),\#(wait)"#) }
            // Answered only once all of those have begun.
            #expect(try await one.call(#"{"jsonrpc":"2.0","id":1,\#(wait)"#)["error"]["code"] == -32013)
            for id in 1...2 { await other.send(#"{"jsonrpc":"2.0","id":\#(id),\#(wait)"#) }
            await other.send(#"{"jsonrpc":"2.0","id":3,"method":"engine.ping"}"#)
            await #expect(throws: CommandFailure.self) { _ = try await other.receive(within: .seconds(1)) }
            await one.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":63}}"#)
            #expect(try JSONValue(text: try await other.receive() ?? "")["id"] == 3)
            await other.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}"#)
            #expect(try JSONValue(text: try await other.receive() ?? "")["id"] == 2)
        }
    }

    @Test func subscriptionsOverTheLimitAreRefused() async throws {
        try await TestEngine.with { engine in
            let client = try engine.connect()
            for id in 1...32 {
                let answer = try await client.call(#"{"jsonrpc":"2.0","id":\#(id),"method":"events.subscribe"}"#)
                #expect(answer["result"]["subscription"].string != nil)
            }
            let refused = try await client.call(#"{"jsonrpc":"2.0","id":33,"method":"events.subscribe"}"#)
            #expect(refused["error"]["code"] == -32014)
        }
    }

    @Test func aTCPClientThatSaysNothingOrTooMuchIsClosed() async throws {
        try await TestEngine.with(arguments: Self.listen) { engine in
            func connect() async throws -> LineClient {
                try await LineClient.tcp(port: TransportTests.port, in: engine.network)
            }
            let long = try await connect()
            await long.send(
                bytes: Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(String(repeating: "x", count: 5000))"#.utf8))
            #expect(try await long.receive() == nil)

            let client = try await connect()
            let guess = #"{"jsonrpc":"2.0","id":1,"method":"rpc.auth","params":{"token":"wrong"}}"#
            var start = ContinuousClock.now
            #expect(try await client.call(guess)["error"]["code"] == -32015)
            #expect(try await client.receive() == nil)
            #expect(ContinuousClock.now - start >= .milliseconds(250))

            let silent = try await connect()
            start = .now
            #expect(try await silent.receive() == nil)
            let silence = ContinuousClock.now - start
            #expect(silence >= .seconds(4) && silence <= .seconds(15))

            var waiting: [LineClient] = []
            for _ in 1...16 { waiting.append(try await connect()) }
            let oneMore = try await connect()
            let told = try JSONValue(text: try await oneMore.receive() ?? "null")
            #expect(told["error"]["code"] == -32014 && told["id"] == .null, "\(told.text)")
            #expect(try await oneMore.receive() == nil)
            #expect(try await engine.call("engine.ping")["result"].object != nil)
            withExtendedLifetime(waiting) {}
        }
    }

    @Test(arguments: ["a file", "a link", "a directory", "a live socket"])
    func whatLiesAtTheSocketsPathIsNotReplaced(_ thing: String) async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))s"
        let path = "\(directory)/socket"
        try await Command.succeed(["mkdir", directory])
        var listener: Int32 = -1
        switch thing {
        case "a file": try TextFile.write("mine", to: path)
        case "a link": try await Command.succeed(["ln", "-s", "/etc/passwd", path])
        case "a directory": try await Command.succeed(["mkdir", path])
        default: listener = try listening(on: path)
        }
        let result = try await Command.run(
            [
                "unshare", "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh",
                BuildProducts.executable("kenterd"),
                "--root", "\(directory)/r", "--run", "\(directory)/n", "--socket", path,
            ], within: .seconds(30))
        #expect(result.exit == 1 && result.errors.contains(path), "\(result)")
        #expect(access(path, F_OK) == 0)
        if thing == "a file" { #expect(TextFile.read(path) == "mine") }
        if listener >= 0 { close(listener) }
        try await Command.succeed(["rm", "-rf", directory])
    }

    private func listening(on path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, Glibc.listen(descriptor, 1) == 0 else { throw CommandFailure("cannot listen on \(path)") }
        return descriptor
    }

    @Test func anEngineThatIsAskedToEndAtAnyMomentOfItsStartEndsCleanly() async throws {
        try await TestEngine.with { engine in
            let command = engine.network.entering([
                BuildProducts.executable("kenterd"), "--root", engine.root, "--run", engine.runDirectory,
            ])
            let tool = try #require(ChildProcess.find(command[0]))
            for milliseconds in [0, 10, 30, 60, 120, 250] {
                try await engine.stop()
                let pid = try ChildProcess(tool, Array(command.dropFirst())).spawn()
                // It has the root from here on; how far it gets is a matter of the moment.
                #expect(await eventually { TextFile.read("\(engine.root)/lock") == "\(pid)\n" })
                try await Task.sleep(for: .milliseconds(milliseconds))
                kill(pid, SIGTERM)
                #expect(ExitStatus.wait(for: pid) == .exited(0), "after \(milliseconds) ms")
                #expect(access(engine.socket, F_OK) != 0)
                try await engine.start()
            }
        }
    }
}

/// One client over any transport.
final class Peer: Sendable {
    private let client: LineClient
    private let bridge: Int32

    init(_ engine: TestEngine, _ transport: Transport) async throws {
        switch transport {
        case .unix:
            client = try engine.connect()
            bridge = 0
        case .tcp:
            client = try await LineClient.tcp(port: TransportTests.port, in: engine.network)
            bridge = 0
            let token = TextFile.read("\(engine.runDirectory)/cookie").replacing("\n", with: "")
            _ = try await client.call(#"{"jsonrpc":"2.0","id":0,"method":"rpc.auth","params":{"token":"\#(token)"}}"#)
        case .stdio:
            let (line, descriptor) = try LineClient.pair()
            client = line
            bridge = try ChildProcess(
                BuildProducts.executable("kenterd"),
                ["--root", engine.root, "--run", engine.runDirectory, "--stdio"],
                descriptors: [0: descriptor, 1: descriptor, 2: 2]
            ).spawn()
            close(descriptor)
        }
    }

    func send(_ line: String) async { await client.send(line) }

    func finish() { client.finish() }

    func receive() async throws -> JSONValue {
        guard let line = try await client.receive() else { throw CommandFailure("the connection ended") }
        return try JSONValue(text: line)
    }

    /// Finishes the conversation; one request, the first, is still in flight.
    func end() async throws {
        await send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
        #expect(try await receive()["id"] == 1)
        for id in 2...4 { await send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":\#(id)}}"#) }
        for _ in 2...4 { _ = try await receive() }
        client.finish()
        #expect(try await client.receive() == nil)
        if bridge > 0 { #expect(ExitStatus.wait(for: bridge) == .exited(0)) }
    }
}
