// wire COUNT: a connection that answers COUNT requests like engine.ping, decoded and encoded as the engine does it, sent one
// by one over a socket pair by a thread of its own. For callgrind: Benchmarks/instructions runs it twice and takes the
// difference, so that what is not a request cancels out.
import Glibc
import JSONRPC
import Threads

struct Ping: Codable, Sendable {}

struct Answering: ConnectionHandler {
    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        guard request.method == "engine.ping" else { throw RPCError(.methodNotFound, "no such method") }
        _ = try JSONValueDecoder(refusesUnknownMembers: true).decode(Ping.self, from: request.params)
        return try JSONValueEncoder().encodeObject(Empty())
    }
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1000
var ends: [Int32] = [-1, -1]
guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { exit(1) }
let peer = ends[1]
let connection = Connection(
    ByteChannel(socket: Descriptor(owning: ends[0])), limits: .server, handler: Answering())
connection.start()
let id = String(repeating: "x", count: 120)
let request = Array(#"{"jsonrpc":"2.0","id":"\#(id)","method":"engine.ping"}"#.utf8) + [0x0a]
var answer = [UInt8](repeating: 0, count: 4096)
for _ in 0..<count {
    guard write(peer, request, request.count) == request.count else { exit(1) }
    var length = 0
    repeat {
        let read = Glibc.read(peer, &answer[length], answer.count - length)
        guard read > 0 else { exit(1) }
        length += read
    } while answer[length - 1] != 0x0a
}
exit(0)
