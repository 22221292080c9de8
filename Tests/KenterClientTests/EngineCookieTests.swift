import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing
import Threads

@testable import KenterClient

/// The client's side of TCP: what it sends the cookie to, and what not.
@Suite struct EngineCookieTests {
    private let token = String(repeating: "0a", count: 32)

    /// Listens on a free port and answers one connection's first line with `answer`; returns the port.
    private func listen(_ answer: String) -> UInt16 {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listening, $0, length)
                _ = Glibc.listen(listening, 1)
                getsockname(listening, $0, &length)
            }
        }
        DetachedThread.start {
            let accepted = accept(listening, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 4096)
            if read(accepted, &buffer, buffer.count) > 0 { write(accepted, answer, answer.utf8.count) }
            close(accepted)
            close(listening)
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private func withCookie(
        mode: mode_t = 0o600, owner: uid_t = getuid(), _ body: (String) async throws -> Void
    ) async throws {
        let path = "/tmp/kc\(UInt32.random(in: 0...UInt32.max))"
        try TextFile.write(token, to: path)
        chmod(path, mode)
        chown(path, owner, gid_t.max)
        defer { unlink(path) }
        try await body(path)
    }

    @Test func `the engine's own listener gets the cookie`() async throws {
        let port = listen(#"{"jsonrpc":"2.0","id":0,"result":{}}"# + "\n")
        try await withCookie { path in
            _ = try EngineTransport.open(.tcp(host: "127.0.0.1", port: port, cookie: path))
        }
    }

    @Test func `a refused cookie is told`() async throws {
        let error = #"{"jsonrpc":"2.0","id":0,"error":{"code":-32015,"message":"wrong token"}}"#
        let port = listen(error + "\n")
        try await withCookie { path in
            let error = #expect(throws: EngineConnectError.self) {
                _ = try EngineTransport.open(.tcp(host: "127.0.0.1", port: port, cookie: path))
            }
            #expect(error?.message.contains("wrong token") == true)
        }
    }

    @Test(.enabled(if: getuid() == 0)) func `a listener of another user gets nothing`() async throws {
        let port = listen("")
        try await withCookie(owner: 12345) { path in
            let error = #expect(throws: EngineConnectError.self) {
                _ = try EngineTransport.open(.tcp(host: "127.0.0.1", port: port, cookie: path))
            }
            #expect(error?.reason == .refused)
            #expect(error?.message.contains("the cookie was not sent") == true)
        }
    }

    @Test func `a cookie that others can read is not used`() async throws {
        let port = listen("")
        try await withCookie(mode: 0o644) { path in
            let error = #expect(throws: EngineConnectError.self) {
                _ = try EngineTransport.open(.tcp(host: "127.0.0.1", port: port, cookie: path))
            }
            #expect(error?.message.contains("its owner alone") == true)
        }
    }
}
