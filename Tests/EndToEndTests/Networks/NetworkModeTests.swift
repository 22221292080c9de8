import JSONRPC
import TestSupport
import Testing

/// `--network host`, `none` and `container:NAME`.
@Suite struct NetworkModeTests {
    @Test func hostSharesTheNetworkOfTheHost() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let run = try await engine.kenter(
                ["run", "-d", "--name", "hh", "--network", "host", "-p", "8000:80", "busybox", "sleep", "1d"])
            #expect(run.exit == 0 && run.errors.contains("Published ports are discarded when using host network mode"))
            let devices = try await engine.kenter("exec", "hh", "ls", "/sys/class/net")
            #expect(devices.contains("up0"))
            let found = try await engine.inspect("hh")
            #expect(found["networkMode"] == "host" && found["networks"].object?.members.isEmpty == true)
            #expect(
                try await engine.kenter("exec", "hh", "hostname") == TextFile.read("/proc/sys/kernel/hostname").line)
            #expect(try await engine.kenter("exec", "hh", "cat", "/etc/hosts") == TextFile.read("/etc/hosts").line)
            let conflict = "conflicting options: host type networking can't be used with links"
            try await engine.kenter("run", "-d", "--name", "src", "busybox", "sleep", "1d")
            for arguments in [["--link", "hh:db"], ["--network", "host", "--link", "src:db"]] {
                try await engine.expectRefusal(["run", "-d"] + arguments + ["busybox", "true"], saying: conflict)
            }
            try await engine.kenter("network", "create", "front")
            try await engine.expectRefusal(
                ["network", "connect", "front", "hh"], exit: 1,
                saying: "container sharing network namespace with another container or host cannot be connected")
        }
    }

    @Test func noneHasNothingButItself() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "nn", "--network", "none", "busybox", "sleep", "1d")
            #expect(try await engine.kenter("exec", "nn", "ls", "/sys/class/net") == "lo")
            #expect(try await engine.kenter("exec", "nn", "cat", "/etc/hosts") == "127.0.0.1\tlocalhost")
            try await engine.kenter("exec", "nn", "nettool", "tcp", "127.0.0.1", "9", exit: 1)
            try await engine.kenter("run", "-d", "--name", "src", "busybox", "sleep", "1d")
            try await engine.expectRefusal(
                ["run", "-d", "--network", "none", "--link", "src:db", "busybox", "true"],
                saying: "conflicting options: none type networking can't be used with links")
            try await engine.expectRefusal(
                ["network", "connect", "bridge", "nn"], exit: 1,
                saying:
                    "container cannot be connected to multiple networks with one of the networks in private (none) mode"
            )
        }
    }

    @Test func containerSharesEverythingOfAnothersNetwork() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "db", "--expose", "9000", "busybox", "sleep", "1d")
            try await engine.serve("owner", expose: ["80"], links: ["db:db"], options: ["-p", "8000:80"])
            try await engine.kenter(
                "run", "-d", "--name", "guest", "--network", "container:owner", "busybox", "sleep", "1d")
            try await engine.kenter(
                "run", "-d", "--name", "third", "--network", "container:guest", "busybox", "sleep", "1d")
            for name in ["guest", "third"] {
                for file in ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"] {
                    let (own, its) = (
                        try await engine.kenter("exec", name, "cat", file),
                        try await engine.kenter("exec", "owner", "cat", file)
                    )
                    #expect(own == its)
                }
                #expect(try await engine.kenter("exec", name, "hostname") == engine.kenter("exec", "owner", "hostname"))
                try await engine.expect(name, reaches: "tcp", "127.0.0.1", "80")
            }
            // A link to a guest is one to its owner.
            try await engine.serve("web", links: ["third:app"])
            try await engine.expect("web", finds: "owner", as: "app")
            for (arguments, text) in [
                (["-p", "8001:80"], "conflicting options: port publishing and the container type network mode"),
                (["-P"], "conflicting options: port publishing and the container type network mode"),
                (["--expose", "80"], "conflicting options: port exposing and the container type network mode"),
                (["--hostname", "x"], "conflicting options: hostname and the network mode"),
                (["--dns", "9.9.9.9"], "conflicting options: dns and the network mode"),
                (["--add-host", "a:1.2.3.4"], "conflicting options: custom host-to-IP mapping and the network mode"),
                (
                    ["--network-alias", "x"],
                    "network-scoped alias is supported only for containers in user defined networks"
                ),
                (["--link", "owner:x"], "conflicting options: container type network can't be used with links"),
            ] {
                try await engine.expectRefusal(
                    ["run", "-d", "--network", "container:owner"] + arguments + ["busybox", "true"], saying: text)
            }
            try await engine.expectRefusal(
                ["run", "-d", "--network", "container:nobody", "busybox", "true"], saying: "No such container: nobody")
            try await engine.kenter("stop", "-t", "0", "third", "guest", "owner")
            try await engine.expectRefusal(
                ["start", "guest"], exit: 1, saying: "cannot join network of a non running container")
            try await engine.kenter("start", "owner", "guest")
            try await engine.kenter("rm", "-f", "owner")
            try await engine.kenter("stop", "-t", "0", "guest")
            try await engine.expectRefusal(["start", "guest"], exit: 1, saying: "No such container")
        }
    }
}

extension TestEngine {
    /// Runs `kenter`, which must end with this status.
    fileprivate func kenter(_ arguments: String..., exit: Int32) async throws {
        let result = try await kenter(arguments)
        #expect(result.exit == exit, "\(result)")
    }
}

extension String {
    /// Without newlines at its end.
    fileprivate var line: String {
        var text = self[...]
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
