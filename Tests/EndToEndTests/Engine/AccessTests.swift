import Glibc
import JSONRPC
import TestSupport
import Testing

/// Security, "Who may call".
@Suite struct AccessTests {
    private static let listen = ["--listen", "127.0.0.1:\(TransportTests.port)"]

    private func mode(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test func whatLetsACallerInIsPrivateAndGoneAfterwards() async throws {
        try await TestEngine.with(arguments: Self.listen, groups: "root:x:0:\n") { engine in
            #expect(mode(of: engine.runDirectory) == 0o700)
            #expect(mode(of: engine.socket) == 0o600)
            #expect(mode(of: "\(engine.runDirectory)/cookie") == 0o600)
            #expect(mode(of: engine.root) == 0o700)
            // Whoever could open one of them could read secrets, and hold the locks that every write needs.
            for name in ["state.db", "state.db-wal", "state.db-shm"] {
                #expect(mode(of: "\(engine.root)/\(name)") == 0o600, "\(name)")
            }
            let cookie = TextFile.read("\(engine.runDirectory)/cookie")
            #expect(cookie.filter(\.isHexDigit).count == 64 && cookie.count == 64)
            try await engine.stop()
            for name in ["cookie", "tcp", "kenter.sock"] { #expect(mode(of: "\(engine.runDirectory)/\(name)") == nil) }
            try await engine.start()
            #expect(TextFile.read("\(engine.runDirectory)/cookie") != cookie, "a new one at each start")
        }
    }

    /// Sends a line from a process of that user, group and further groups, and prints what comes back.
    private static let caller = """
        import os, socket, sys
        user, group, *groups = map(int, sys.argv[3:])
        os.setgroups(groups); os.setgid(group); os.setuid(user)
        peer = socket.socket(socket.AF_UNIX); peer.settimeout(10)
        try:
            peer.connect(sys.argv[1])
            peer.sendall((sys.argv[2] + "\\n").encode())
            print(peer.recv(4096).decode(), end="")
        except PermissionError:
            print("no way", end="")
        except (BrokenPipeError, ConnectionResetError):
            pass
        """

    private static func call(
        _ engine: TestEngine, _ line: String = #"{"jsonrpc":"2.0","id":1,"method":"engine.ping"}"#,
        as user: Int, groups: [Int]
    ) async throws -> String {
        let result = try await Command.run(
            ["python3", "-c", Self.caller, engine.socket, line, String(user)] + groups.map(String.init))
        #expect(result.exit == 0, "\(result)")
        return result.output
    }

    @Test func membersOfTheGroupAreHeardAndReachNothingButTheSocket() async throws {
        let groups = "root:x:0:\nkenter:x:4321:\n"
        try await TestEngine.with(arguments: Self.listen, groups: groups) { engine in
            #expect(chmod(engine.directory, 0o711) == 0)
            for (path, mode) in [(engine.runDirectory, 0o750), (engine.socket, 0o660)] {
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & 0o7777 == mode && status.st_gid == 4321)
            }
            #expect(mode(of: "\(engine.runDirectory)/cookie") == 0o600)
            #expect(mode(of: engine.root) == 0o700)
            // By a further group, by the first one; not without.
            for groups in [[1000, 27, 4321], [4321]] {
                let heard = try await Self.call(engine, as: 1000, groups: groups)
                #expect(heard.contains(#""result""#))
            }
            let other = try await Self.call(engine, as: 1000, groups: [1000, 27])
            #expect(other == "no way")
            // The number of anybody of another namespace.
            let anybody = try await Self.call(engine, as: 65534, groups: [4321])
            #expect(anybody.isEmpty)
            // What only root may.
            let enable = #"{"jsonrpc":"2.0","id":1,"method":"plugin.enable","params":{"plugin":"/bin/true"}}"#
            let answer = try JSONValue(text: try await Self.call(engine, enable, as: 1000, groups: [1000, 4321]))
            #expect(answer["error"]["data"]["kind"] == "forbidden", "\(answer.text)")
        }
    }

    /// Opens connections of one user until one is refused, and prints how many were served and what the refusal said.
    private static let crowd = """
        import os, socket, sys
        os.setgroups([int(sys.argv[2])]); os.setgid(1000); os.setuid(1000)
        peers = []
        for _ in range(100):
            peer = socket.socket(socket.AF_UNIX); peer.settimeout(10); peer.connect(sys.argv[1]); peers.append(peer)
            try:
                peer.sendall(b'{"jsonrpc":"2.0","id":1,"method":"engine.ping"}\\n')
            except BrokenPipeError:
                pass  # Refused already; the answer is there.
            answer = peer.recv(4096).decode()
            if "error" in answer:
                print(len(peers) - 1, answer, end="")
                break
        input()
        """

    @Test func oneUserCannotTakeAllConnections() async throws {
        try await TestEngine.with(groups: "root:x:0:\nkenter:x:4321:\n") { engine in
            #expect(chmod(engine.directory, 0o711) == 0)
            let limits = try await engine.call("engine.limits")["result"]
            #expect(limits["connectionsPerUser"] == 64)
            let crowd = try await Command.run(["python3", "-c", Self.crowd, engine.socket, "4321"], input: [10])
            #expect(crowd.output.hasPrefix("64 "), "\(crowd)")
            #expect(crowd.output.contains("user 1000 has as many connections as one may have, 64"), "\(crowd)")
        }
    }

    @Test func whatBelongsToSomebodyElseIsNoPlaceForAnEngine() async throws {
        try await TestEngine.with { engine in
            try await engine.stop()
            func start(_ flags: String...) async throws -> CommandResult {
                try await Command.run(
                    engine.network.entering(
                        [BuildProducts.executable("kenterd"), "--root", engine.root, "--run", engine.runDirectory]
                            + flags), within: .seconds(20))
            }
            for (path, text) in [
                (engine.root, "must be a directory of user 0"), ("\(engine.root)/lock", "belongs to another user"),
                (engine.runDirectory, "must be a directory of user 0"),
            ] {
                #expect(chown(path, 1000, 0) == 0)
                let result = try await start()
                #expect(result.exit != 0 && result.errors.contains(text), "\(path): \(result)")
                #expect(chown(path, 0, 0) == 0)
            }
            // Somebody who waits for what a client will say.
            let script = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
            try await Command.succeed(["python3", "-c", script, engine.socket])
            #expect(chown(engine.socket, 1000, 0) == 0)
            let bridged = try await start("--stdio")
            #expect(bridged.exit != 0 && bridged.errors.contains("belongs to user 1000"), "\(bridged)")
            unlink(engine.socket)
            try await engine.start()
        }
    }

    @Test(arguments: [0, 1, 1000, 65534])
    func anotherUserIsNotHeardEvenWhereTheSocketIsOpen(_ user: Int) async throws {
        try await TestEngine.with { engine in
            for path in [engine.directory, engine.runDirectory, engine.socket] { #expect(chmod(path, 0o777) == 0) }
            let answer = try await Self.call(engine, as: user, groups: [user])
            #expect(answer.isEmpty == (user != 0))
        }
    }

    @Test func theInlineCookieReachesNothingBehindTheDoor() async throws {
        try await TestEngine.with(arguments: Self.listen) { engine in
            let cookie = TextFile.read("\(engine.runDirectory)/cookie")
            let client = try await LineClient.tcp(port: TransportTests.port, in: engine.network)
            let auth = #""_meta":{"auth":"\#(cookie)","idempotencyKey":"k"}"#
            for id in 1...2 {
                let answer = try await client.call(
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"volume.create","params":{"name":"v","capacityBytes":-1,\#(auth)}}"#
                )
                #expect(answer["error"]["code"] == -32602 && !answer.text.contains(cookie))
            }
            let found = try await Command.run(["grep", "-rlaF", cookie, engine.root, engine.log])
            #expect(found.exit == 1, "\(found)")
        }
    }

    @Test func aBatchIsNoWayIn() async throws {
        try await TestEngine.with(arguments: Self.listen) { engine in
            let cookie = TextFile.read("\(engine.runDirectory)/cookie")
            let client = try await LineClient.tcp(port: TransportTests.port, in: engine.network)
            await client.send(#"[{"jsonrpc":"2.0","id":1,"method":"rpc.auth","params":{"token":"\#(cookie)"}}]"#)
            #expect(try await client.receive() == nil)
        }
    }
}
