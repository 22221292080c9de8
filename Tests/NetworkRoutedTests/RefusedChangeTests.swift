import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// Somebody who owns the plugin's table: the kernel refuses all others to change it, until its owner ends.
private final class TableOwner {
    private let child: RunningChild
    private let commands: Int32

    private func say(_ line: String) { #expect(write(commands, "\(line)\n", line.utf8.count + 1) > 0) }

    init(on host: NetworkHost) async throws {
        let pipe = Pipe()
        let arguments = host.network.entering(["nft", "--interactive"])
        guard pipe.isOpen, let tool = ChildProcess.find(arguments[0]) else { throw CommandFailure("no pipe or tool") }
        let process = ChildProcess(tool, Array(arguments.dropFirst()), descriptors: [0: pipe.reading])
        child = RunningChild(try process.spawn())
        close(pipe.reading)
        commands = pipe.writing
        // One transaction: the plugin would put back a table that is merely gone.
        say("delete table inet kenter-ab12; add table inet kenter-ab12 { flags owner; }")
        let isOwned = try await eventually { try await host.run("nft", "list", "ruleset").contains("flags owner") }
        #expect(isOwned)
    }

    /// Gives the table up, whereupon the plugin's is put back.
    func end(_ host: NetworkHost) async throws {
        say("delete table inet kenter-ab12")
        close(commands)
        _ = child.wait()
        let isBack = try await eventually { try await host.run("nft", "list", "ruleset").contains("chain") }
        #expect(isBack)
    }
}

/// What the kernel refuses changes nothing: neither in the table nor in what the plugin writes down.
@Suite struct RefusedChangeTests {
    private static func refused(_ body: () async throws -> Void) async {
        let error = await #expect(throws: RPCError.self) { try await body() }
        #expect(error?.kind == .io, "\(String(describing: error))")
    }

    @Test func `rules stay as they were, also for the next start`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            try await host.attach("db", "172.17.0.3")
            try await host.link("web", "db", ["80"])
            let before = try await host.traces()
            let owner = try await TableOwner(on: host)
            await Self.refused { try await host.link("web", "db", ["81"], id: "other") }
            await Self.refused { try await host.link("web", "db", ["81"]) }
            await Self.refused { try await host.unlink("web-db") }
            try await owner.end(host)
            #expect(try await host.traces() == before)
            let again = try await host.restarted()
            #expect(try await again.traces() == before)
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            #expect(await Probe.tcp(from: host.namespace("web"), to: "172.17.0.3", 80) == .answer("db 172.17.0.2"))
            await again.plugin.crash()
        }
    }

    @Test func `an attachment leaves nothing, and can be made later`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            let before = try await host.traces()
            let owner = try await TableOwner(on: host)
            await Self.refused { try await host.attach("db", "172.17.0.3", ports: [published(18_000)]) }
            let devices = try await host.run("ip", "-oneline", "link", "show")
            #expect(devices.matches(of: /: kvab12/).count == 1, "\(devices)")
            // The port is free.
            let server = try await Server("host", in: host.network.path, 18_000)
            server.stop()
            try await owner.end(host)
            #expect(try await host.traces() == before)
            try await host.attach("db", "172.17.0.3", ports: [published(18_001)])
        }
    }

    @Test func `ports are published as before`() async throws {
        try await NetworkHost.with(["db"]) { host in
            try await host.attach("db", "172.17.0.3", ports: [published(18_000)])
            let before = try await host.traces()
            let server = try await Server("db", in: host.namespace("db"), 80)
            defer { server.stop() }
            let owner = try await TableOwner(on: host)
            let request = ProviderNetworkPublish(
                attachmentId: NetworkHost.attachmentId("db"), ports: [published(18_001)])
            await Self.refused { try await host.plugin.call(request) }
            try await owner.end(host)
            #expect(try await host.traces() == before)
            #expect(await Probe.tcp(from: host.network.path, to: "127.0.0.1", 18_000) == .answer("db 172.17.0.1"))
            try await host.plugin.call(request)
            #expect(await Probe.tcp(from: host.network.path, to: "127.0.0.1", 18_001) == .answer("db 172.17.0.1"))
        }
    }

    @Test func `an attachment that could not be ended is ended when that is asked for again`() async throws {
        try await NetworkHost.with(["web", "db"]) { host in
            try await host.attach("web", "172.17.0.2")
            let before = try await host.traces()
            try await host.attach("db", "172.17.0.3", ports: [published(18_000)])
            let owner = try await TableOwner(on: host)
            await Self.refused { try await host.detach("db") }
            try await owner.end(host)
            try await host.detach("db")
            #expect(try await host.traces() == before)
            try await host.attach("db", "172.17.0.3", ports: [published(18_000)])
        }
    }
}
