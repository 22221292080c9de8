import Glibc
import JSONRPC
import Synchronization
import TestSupport
import Testing

@Suite struct UnaskedAnswerTests {
    /// Keeps the ids of answers that nobody asked for.
    final class Recorder: ConnectionHandler {
        let unasked = Mutex<[RequestID]>([])

        func answer(_ request: Request, on connection: Connection) async throws -> JSONObject { JSONObject() }

        func receive(unasked response: Response, on connection: Connection) {
            unasked.withLock { $0.append(response.id) }
        }
    }

    /// A connection, what it hears, and the bare other end of its socket.
    private func makeConnection() throws -> (Connection, Recorder, Descriptor) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let recorder = Recorder()
        let channel = ByteChannel(socket: Descriptor(owning: ends[0]))
        let connection = Connection(channel, limits: .plugin, handler: recorder)
        connection.start()
        return (connection, recorder, Descriptor(owning: ends[1]))
    }

    private func send(_ line: String, to peer: Descriptor) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(peer.number, bytes, bytes.count)
    }

    @Test func `an answer to a call that was never made is reported`() async throws {
        let (connection, recorder, peer) = try makeConnection()
        send(
            #"{"jsonrpc":"2.0","id":"never","error":{"code":-32800,"message":"no","data":{"kind":"cancelled"}}}"#,
            to: peer)
        #expect(await eventually { recorder.unasked.withLock { $0 } == [.string("never")] })
        connection.close()
    }

    @Test func `a late answer is dropped once, a second one is reported`() async throws {
        let (connection, recorder, peer) = try makeConnection()
        await #expect { try await connection.call("slow", timeout: .milliseconds(1)) } throws: { error in
            (error as? RPCError)?.kind == .timeout
        }
        for _ in 0..<2 { send(#"{"jsonrpc":"2.0","id":1,"result":{}}"#, to: peer) }
        #expect(await eventually { recorder.unasked.withLock { $0 } == [.integer(1)] })
        connection.close()
    }

    @Test func `a call whose connection ends fails for that reason`() async throws {
        let (connection, _, peer) = try makeConnection()
        shutdown(peer.number, Int32(SHUT_RDWR))
        await #expect(throws: RPCError.connectionEnded) { try await connection.call("none") }
        #expect(connection.hasEnded)
    }
}
