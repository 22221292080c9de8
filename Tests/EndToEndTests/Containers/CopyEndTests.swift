import Glibc
import JSONRPC
import TestSupport
import Testing

/// What ends a copy before its own end, and what a copy holds up.
@Suite struct CopyEndTests {
    @Test(arguments: [true, false])
    func aRemovalEndsACopyWhoseLastBytesNobodyTakes(running: Bool) async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            // The packer ends: what is over the client's credit lies with the engine.
            let script = "yes | head -c 500000 > /big; touch /ready; \(running ? "sleep 1d" : ":")"
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", script)
            if running {
                #expect(await eventually { (try? await engine.kenter(["exec", "aa", "ls", "/ready"]).exit) == 0 })
            } else {
                try await engine.kenter("wait", "aa")
            }
            let client = try await Self.stalledCopy(engine)
            #expect(await Self.packerEnds(in: engine.processIdentifier))
            try await engine.kenter("rm", "-f", "aa")
            let answer = try await Self.end(of: client)
            #expect(answer.contains("was stopped or removed while it was copied"), "\(answer)")
        }
    }

    @Test func aCopyFromAPausedContainerGoesOnAndItsEndEndsACopy() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sh", "-c", "echo 1 > /one; sleep 1d")
            try await engine.kenter("pause", "aa")
            try await engine.kenter("cp", "aa:/one", "\(engine.directory)/one")
            try await engine.kenter("unpause", "aa")
            try await engine.kenter("exec", "aa", "sh", "-c", "yes | head -c 3000000 > /big")
            mkdir("\(engine.directory)/holder", 0o755)
            mkdir("\(engine.directory)/holder/big", 0o755)
            try await engine.expectRefusal(
                ["cp", "aa:/big", "\(engine.directory)/holder"], exit: 1,
                saying: #"cannot overwrite directory "big" with non-directory"#)
            // Larger than what the client has credit for, which it does not give back.
            let client = try await Self.stalledCopy(engine)
            try await engine.kenter("rm", "-f", "aa")
            let answer = try await Self.end(of: client)
            #expect(answer.contains("was stopped or removed while it was copied"), "\(answer)")
        }
    }

    /// Starts a copy that its client does not take, larger than what it has credit for.
    private static func stalledCopy(_ engine: TestEngine) async throws -> LineClient {
        let client = try engine.connect()
        await client.send(
            #"{"jsonrpc":"2.0","id":1,"method":"container.copyOut","params":{"container":"aa","path":"/big","stream":"s"}}"#
        )
        #expect(try await client.receive()?.contains("stream.data") == true)
        return client
    }

    /// Whether no process of the engine packs any more, soon. (Not said in the test itself: there the compiler makes a
    /// condition of it that stays false.)
    private static func packerEnds(in engine: Int32) async -> Bool {
        await eventually { PluginProcesses.named("kenter-copy", childrenOf: engine).isEmpty }
    }

    /// The answer to it.
    private static func end(of client: LineClient) async throws -> String {
        while let line = try await client.receive() {
            if line.contains(#""id":1"#) { return line }
        }
        return ""
    }

    @Test func aContainerThatDoesNotRunIsHeldWhileItIsCopied() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter(
                "run", "--name", "aa", "-v", "data:/data", "busybox", "sh", "-c", "yes | head -c 3000000 > /big")
            let first = try await Self.stalledCopy(engine)
            // A start waits for the end of the copy, which a removal by force brings about.
            let starting = try engine.connect()
            await starting.send(
                #"{"jsonrpc":"2.0","id":2,"method":"container.start","params":{"container":"aa"}}"#)
            await starting.send(#"{"jsonrpc":"2.0","id":3,"method":"engine.ping"}"#)
            #expect(try await starting.receive()?.contains(#""id":3"#) == true)
            #expect(try await engine.inspect("aa")["state"]["status"] == "exited")
            try await engine.kenter("rm", "-f", "aa")
            #expect(try await starting.receive()?.contains(#""id":2"#) == true)
            #expect(try await Self.end(of: first).contains("was stopped or removed while it was copied"))

            // An engine that ends takes down what was mounted for a copy.
            try await engine.kenter(
                "run", "--name", "aa", "-v", "data:/data", "busybox", "sh", "-c", "yes | head -c 3000000 > /big")
            let second = try await Self.stalledCopy(engine)
            #expect(engine.mountPoints.contains { $0.hasSuffix("/rootfs/data") }, "\(engine.mountPoints)")
            try await engine.stop()
            #expect(engine.mountPoints.isEmpty, "\(engine.mountPoints)")
            try await engine.start()
            try await engine.kenter("start", "aa")
            _ = second
        }
    }
}
