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
        try await TestEngine.with(arguments: Self.listen) { engine in
            // Open to the group that may use the engine, where this host has one, and to it alone.
            let hasGroup = getgrnam("kenter") != nil
            #expect(mode(of: engine.runDirectory) == (hasGroup ? 0o750 : 0o700))
            #expect(mode(of: engine.socket) == (hasGroup ? 0o660 : 0o600))
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

    /// Sends one ping from a process of that user and prints what comes back.
    private static let caller = """
        import os, socket, sys
        os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
        peer = socket.socket(socket.AF_UNIX); peer.settimeout(10); peer.connect(sys.argv[1])
        try:
            peer.sendall(b'{"jsonrpc":"2.0","id":1,"method":"engine.ping"}\\n')
            print(peer.recv(4096).decode(), end="")
        except (BrokenPipeError, ConnectionResetError):
            pass
        """

    @Test(arguments: [0, 1, 1000, 65534])
    func anotherUserIsNotHeardEvenWhereTheSocketIsOpen(_ user: Int) async throws {
        try await TestEngine.with { engine in
            for path in [engine.directory, engine.runDirectory, engine.socket] { #expect(chmod(path, 0o777) == 0) }
            let result = try await Command.run(["python3", "-c", Self.caller, engine.socket, String(user)])
            #expect(result.exit == 0, "\(result)")
            #expect(result.output.isEmpty == (user != 0), "\(result)")
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
