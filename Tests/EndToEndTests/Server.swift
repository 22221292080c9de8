import ChildProcess
import CLinux
import Glibc
import JSONRPC
import TestSupport

/// A busybox server outside any container: in the engine's network namespace, or at the other end of its wire.
struct Server {
    private let pid: Int32

    init(_ arguments: [String], in engine: TestEngine, outside: Bool) async throws {
        let command = engine.network.entering(outside: outside, ["busybox"] + arguments)
        guard let tool = ChildProcess.find(command[0]) else { throw CommandFailure("\(command[0]) is not installed") }
        pid = try ChildProcess(tool, Array(command.dropFirst())).spawn()
        let port = arguments[(arguments.firstIndex(of: "-p") ?? 0) + 1]
        let listens = try await eventually {
            try await engine.host("ss", "-ltn", "sport", "=", ":\(port)", outside: outside).lines.count > 1
        }
        if !listens {
            stop()
            throw CommandFailure("\(arguments) does not listen")
        }
    }

    func stop() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }
}

extension TestEngine {
    /// Starts a container that serves its own name over HTTP on 80 and 8080 and echoes datagrams on 53 and 54.
    func serve(_ name: String, expose: [String] = [], links: [String] = [], options: [String] = []) async throws {
        let script =
            "echo \(name) >/var/www/index.html; nettool udp-echo 53 & nettool udp-echo 54 & httpd -p 8080 -h /var/www; exec httpd -f -p 80 -h /var/www"
        var arguments = ["run", "-d", "--name", name] + options
        for port in expose { arguments += ["--expose", port] }
        for link in links { arguments += ["--link", link] }
        let result = try await kenter(arguments + ["busybox", "sh", "-c", script])
        guard result.exit == 0 else { throw CommandFailure(result.description) }
        let ready = try await eventually {
            try await kenter(["exec", name, "nettool", "tcp", "127.0.0.1", "80"]).exit == 0
        }
        if !ready { throw CommandFailure("\(name) does not serve") }
    }

    /// Records an issue unless `nettool` succeeds inside the container.
    func expect(_ container: String, reaches target: String...) async throws {
        let probe = try await kenter(["exec", container, "nettool"] + target)
        guard probe.exit == 0 else { throw CommandFailure(probe.description) }
    }

    /// Throws unless the container's hosts file has the name for an address of `owner`, which serves it.
    func expect(_ container: String, finds owner: String, as name: String) async throws {
        let lines = try await kenter("exec", container, "cat", "/etc/hosts").split(separator: "\n")
        let named = lines.filter { $0.split(whereSeparator: \.isWhitespace).dropFirst().contains { $0 == name } }
        let address = named.first.flatMap { $0.split(separator: "\t").first }.map(String.init) ?? ""
        let networks = try await inspect(owner)["networks"].object?.members.map(\.value) ?? []
        guard networks.contains(where: { $0["ipv4"].string == address }) else {
            throw CommandFailure("\(container) does not find \(owner) as \(name): \(lines)")
        }
        try await expect(container, reaches: "tcp", address, "80")
    }
}
