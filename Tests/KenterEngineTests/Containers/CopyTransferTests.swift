import ChildProcess
import Glibc
import JSONRPC
import TestSupport
import Testing

@testable import KenterEngine

/// What ends a copy whose client does nothing.
@Suite struct CopyTransferTests {
    private final class Nobody: ConnectionHandler {
        func answer(_ request: Request, on connection: Connection) async throws -> JSONObject { JSONObject() }
    }

    /// A shell in the place of the process that copies, and the stream of a silent client.
    private static func copy(_ script: String) throws -> (process: ExecutedProcess, stream: ClientStream) {
        let pipes = [Pipe(), Pipe(), Pipe()]
        let pid = try ChildProcess(
            "/bin/sh", ["-c", script],
            descriptors: [0: pipes[0].reading, 1: pipes[1].writing, 2: pipes[2].writing]
        ).spawn()
        close(pipes[0].reading)
        close(pipes[1].writing)
        close(pipes[2].writing)
        let pump = StreamPump(
            .pipes(input: pipes[0].writing, output: pipes[1].reading, errors: pipes[2].reading), pid: pid)
        let channel = ByteChannel(
            reading: Descriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC)),
            writing: Descriptor(owning: open("/dev/null", O_WRONLY | O_CLOEXEC)))
        let connection = Connection(channel, limits: .server, handler: Nobody())
        return (
            ExecutedProcess(process: ProcessIdentity(running: pid), pump: pump),
            ClientStream(name: "s", connection: connection)
        )
    }

    @Test(arguments: [("exec cat > /dev/null", true), ("exec yes", false), ("yes | head -c 500000", false)])
    func `a client that does not move ends a copy that holds a container`(
        script: String, isInput: Bool
    ) async throws {
        let (process, stream) = try Self.copy(script)
        let transfer = CopyTransfer(
            process: process, stream: stream, isInput: isInput, idleLimit: .milliseconds(300))
        #expect(try await transfer.run().wasIdle)
        #expect(await process.exitCode() != nil)
    }

    @Test func `a copy in which something moves goes on`() async throws {
        let (process, stream) = try Self.copy("for i in 1 2 3 4 5 6; do sleep 0.2; echo $i; done")
        let outcome = try await CopyTransfer(
            process: process, stream: stream, isInput: false, idleLimit: .milliseconds(900)
        ).run()
        #expect(!outcome.wasIdle && outcome.exitCode == 0 && outcome.archiveBytes == 12)
    }

    @Test func `while a container is removed no copy of it begins`() async throws {
        let copies = ActiveCopies()
        let (process, stream) = try Self.copy("exec sleep 100")
        let key = try #require(copies.add(process, stream, of: "aa"))
        copies.refuse("aa")
        copies.refuse("aa")
        await copies.end("aa")
        #expect(copies.remove(key, of: "aa"))
        for _ in 1...2 {
            #expect(copies.isRefused("aa") && copies.add(process, stream, of: "aa") == nil)
            #expect(copies.add(process, stream, of: "bb") != nil)
            copies.allow("aa")
        }
        #expect(!copies.isRefused("aa") && copies.add(process, stream, of: "aa") != nil)
    }
}
