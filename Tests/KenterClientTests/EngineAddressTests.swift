import Testing

@testable import KenterClient

@Suite struct EngineAddressTests {
    @Test(arguments: [
        ("unix:///run/x.sock", EngineAddress.unix(path: "/run/x.sock")),
        ("tcp://127.0.0.1:7400", .tcp(host: "127.0.0.1", port: 7400, cookie: nil)),
        ("tcp://localhost:1", .tcp(host: "127.0.0.1", port: 1, cookie: nil)),
        ("tcp://[::1]:65535", .tcp(host: "[::1]", port: 65535, cookie: nil)),
        ("tcp://127.0.0.1:7400/run/k/cookie", .tcp(host: "127.0.0.1", port: 7400, cookie: "/run/k/cookie")),
        ("stdio:", .stdio(arguments: [])),
        ("stdio:--root /srv/k", .stdio(arguments: ["--root", "/srv/k"])),
    ])
    func `an address is read and written`(_ text: String, _ address: EngineAddress) throws {
        #expect(try EngineAddress(parsing: text) == address)
        #expect(try EngineAddress(parsing: address.description) == address)
    }

    @Test(arguments: [
        "", "/run/x.sock", "unix://x.sock", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000",
        "tcp://10.0.0.1:7400", "tcp://example.org:80", "http://127.0.0.1:80",
    ])
    func `anything else is refused by name`(_ text: String) {
        let error = #expect(throws: EngineConnectError.self) { try EngineAddress(parsing: text) }
        #expect(error?.reason == .invalidAddress)
        #expect(error?.message.contains("'\(text)'") == true)
    }

    @Test func `a missing engine is reported with what was tried and how to start one`() async {
        let error = await #expect(throws: EngineConnectError.self) {
            _ = try await EngineClient.connect(to: .unix(path: "/nowhere/kenter.sock"))
        }
        #expect(error?.reason == .notRunning)
        #expect(error?.message.contains("unix:///nowhere/kenter.sock (No such file or directory)") == true)
        #expect(error?.message.contains("start one with 'kenterd'") == true)
    }

    @Test func `a listening socket's owner is read from the kernel's table`() {
        let line =
            "   0: 0100007F:1CE8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 38617 1 0000 100"
        #expect(TCPListeners.owner(in: line, port: 7400) == 1000)
        #expect(TCPListeners.owner(in: line, port: 7401) == nil)
        let established =
            "   1: 0100007F:1CE8 0100007F:9000 01 00000000:00000000 00:00000000 00000000  1000        0 38617 1 0000 100"
        #expect(TCPListeners.owner(in: established, port: 7400) == nil)
        #expect(TCPListeners.owner(in: "  sl  local_address rem_address   st", port: 7400) == nil)
    }
}
