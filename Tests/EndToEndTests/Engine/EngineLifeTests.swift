import CLinux
import Glibc
import JSONRPC
import TestSupport
import Testing

@Suite struct EngineLifeTests {
    @Test func containersSurviveTheDeathOfTheEngine() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.serve("src", expose: ["80"])
            try await engine.kenter(
                "run", "-d", "--name", "web", "--link", "src:db", "-p", "8000:80", "busybox", "sleep", "1d")
            try await engine.kenter("run", "-d", "--name", "short", "busybox", "sleep", "1d")
            let before = try await engine.inspect("web")
            let short = try await engine.inspect("short")["state"]["pid"].integer ?? 0

            await engine.crash()
            #expect(kill(Int32(before["state"]["pid"].integer ?? 0), 0) == 0)
            #expect(kill(Int32(short), SIGKILL) == 0)
            try await engine.start()

            let after = try await engine.inspect("web")
            #expect(after["state"] == before["state"])
            #expect(after["networks"] == before["networks"])
            #expect(after["ports"] == before["ports"])
            let address = try await engine.address(of: "src")
            #expect(try await engine.kenter("exec", "web", "nettool", "tcp", address, "80") == "connected")
            let died = try await eventually { try await engine.inspect("short")["state"]["status"] == "exited" }
            #expect(died)
            #expect(try await engine.inspect("short")["state"]["exitCode"] == 137)
            try await engine.kenter("restart", "-t", "0", "src")
            #expect(try await engine.kenter("exec", "web", "grep", "-w", "db", "/etc/hosts").hasSuffix("src"))
        }
    }

    @Test func containersAreFoundAgainAfterACleanStop() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            try await engine.kenter("run", "-d", "--name", "aa", "busybox", "sleep", "1d")
            let pid = try await engine.inspect("aa")["state"]["pid"]
            try await engine.stop()
            #expect(kill(Int32(pid.integer ?? 0), 0) == 0)
            try await engine.start()
            #expect(try await engine.inspect("aa")["state"]["pid"] == pid)
            #expect(try await engine.kenter("exec", "aa", "echo", "here") == "here")
        }
    }

    @Test func theConfigurationInForceIsShownWhole() async throws {
        let file = #"{"dns":["192.0.2.53"],"plugins":{"link-legacy":{}},"limits":{"connections":9}}"#
        try await TestEngine.with(configuration: file) { engine in
            let config = try await engine.call("engine.info")["result"]["config"]
            #expect(config["dns"] == ["192.0.2.53"] && config["logLevel"] == "notice", "\(config.text)")
            #expect(
                config["defaultProviders"]
                    == ["link": "link-legacy", "network": "network-routed", "storage": "storage-overlay"])
            #expect(config["bridge"] == ["icc": false, "subnet": "172.17.0.0/16"])
            #expect(config["limits"]["connections"] == 9 && config["limits"]["requestsInFlight"] == 1024)
        }
    }

    @Test func aSecondEngineOnTheSameRootSaysWhoHoldsIt() async throws {
        try await TestEngine.with { engine in
            let second = try await Command.run(
                engine.network.entering([
                    BuildProducts.executable("kenterd"), "--root", engine.root, "--run", "\(engine.directory)/other",
                ]), within: .seconds(20))
            #expect(second.exit != 0)
            #expect(second.errors.contains(String(engine.processIdentifier)), "\(second)")
            #expect(try await engine.call("engine.ping")["result"] != .null)
        }
    }

    @Test func withoutAnEngineACommandSaysHowToStartOne() async throws {
        let result = try await Command.run(
            [BuildProducts.executable("kenter"), "ps"], environment: ["KENTER_HOST=unix:///nonexistent/kenter.sock"])
        #expect(result.exit == 1)
        #expect(result.errors.contains("kenterd"), "\(result)")
    }

    @Test(arguments: [#"{"unheardOf":1}"#, #"{"bridge":{"subnet":"nonsense"}}"#, "{", #"{"bridge":{"icc":"yes"}}"#])
    func aBadConfigurationIsRefusedByName(_ text: String) async throws {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))c"
        try await Command.succeed(["mkdir", directory])
        try TextFile.write(text, to: "\(directory)/config.json")
        let result = try await Command.run(
            [
                "unshare", "--net", BuildProducts.executable("kenterd"), "--root", directory, "--run", "\(directory)/n",
            ], within: .seconds(10))
        try await Command.succeed(["rm", "-rf", directory])
        #expect(result.exit != 0 && result.exit != 137, "\(result)")
        #expect(
            result.errors.contains(text == "{" ? "config.json" : text.contains("unheardOf") ? "unheardOf" : "bridge."),
            "\(result)")
    }
}
