import ChildProcess
import Glibc
import JSONRPC
import TestSupport
import Testing

/// What `compose up` does to what is there already, and in the foreground.
@Suite struct ComposeUpTests {
    /// One project in a directory of an engine's, whose file a test writes anew.
    private struct Shop {
        let engine: TestEngine

        func write(_ file: String) throws { try TextFile.write(file, to: "\(engine.directory)/compose.yaml") }

        func compose(_ words: String...) async throws -> CommandResult {
            try await engine.kenter(["compose", "-p", "shop"] + words)
        }

        /// Runs it in the foreground, and sends it a signal once `isReady`.
        func compose(
            _ words: String..., signal: Int32, once isReady: @escaping @Sendable () async throws -> Bool
        ) async throws -> CommandResult {
            let words = [BuildProducts.executable("kenter"), "compose", "-p", "shop"] + words
            let place = "\(engine.directory)/pid"
            async let result = Command.run(
                ["sh", "-c", "echo $$ >\(place); exec \"$@\"", "sh"] + words, environment: engine.environment,
                workingDirectory: engine.directory)
            let isNear = try await eventually(within: .seconds(40), isReady)
            #expect(isNear)
            let pid = try #require(Int32(TextFile.read(place).dropLast()))
            kill(pid, signal)
            return try await result
        }

        func states() async throws -> [String: String] {
            let listed = try JSONValue(text: try await engine.kenter("ps", "-a", "--json")).array ?? []
            return Dictionary(
                uniqueKeysWithValues: listed.map { ($0["name"].string ?? "", $0["state"].string ?? "") })
        }
    }

    @Test func upInTheForegroundGoesOnPastRestartsUntilAllHaveEnded() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let shop = Shop(engine: engine)
            try shop.write(
                """
                services:
                  job: {image: busybox, restart: "on-failure:2", command: "sh -c 'echo out; echo err >&2; exit 3'"}
                  other: {image: busybox, command: "sh -c 'printf unfinished'"}
                """)
            let up = try await shop.compose("up")
            #expect(up.exit == 0, "\(up)")
            #expect(
                up.output.split(separator: "\n").sorted().map(String.init)
                    == Array(repeating: "shop-job-1    | err", count: 3)
                    + Array(repeating: "shop-job-1    | out", count: 3) + ["shop-other-1  | unfinished"], "\(up)")
            #expect(up.errors.contains("shop-job-1 exited with code 3\n"), "\(up)")
            #expect(!up.errors.contains("Stopped"), "\(up)")
            let logs = try await shop.compose("logs", "-f", "job")
            #expect(logs.exit == 0 && logs.lines.count == 6, "\(logs)")
        }
    }

    @Test func aSignalEndsUpInTheForegroundWhereverItIs() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let shop = Shop(engine: engine)
            let file = """
                services:
                  db:
                    {image: busybox, command: sleep 1d, stop_grace_period: 0s, restart: always,
                    healthcheck: {test: "false", start_period: 1h, interval: 1h}}
                  web: {image: busybox, command: "sh -c 'echo here; exec sleep 1d'", stop_grace_period: 0s}
                """
            try shop.write(file)
            let shown = try await shop.compose("up", signal: SIGINT) {
                try await shop.states() == ["shop-db-1": "running", "shop-web-1": "running"]
            }
            #expect(shown.exit == 130, "\(shown)")
            #expect(try await shop.states() == ["shop-db-1": "exited", "shop-web-1": "exited"])
            // One that will never be healthy.
            try shop.write(
                file.replacing("stop_grace_period: 0s}", with: "depends_on: {db: {condition: service_healthy}}}"))
            let waiting = try await shop.compose("up", signal: SIGTERM) {
                try await shop.states()["shop-db-1"] == "running"
            }
            #expect(waiting.exit == 130, "\(waiting)")
            #expect(try await shop.states() == ["shop-db-1": "exited", "shop-web-1": "exited"])
            try await engine.kenter("start", "shop-db-1")
            try await engine.kenter("pause", "shop-db-1")
            let paused = try await shop.compose("up", "-d")
            #expect(paused.exit == 1 && paused.errors.contains("container shop-db-1 is paused"), "\(paused)")
            try await engine.kenter("unpause", "shop-db-1")
            #expect(try await shop.compose("down").exit == 0)
        }
    }

    @Test func anEngineThatGoesAwayIsToldOnceAndTheProjectRunsOn() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let shop = Shop(engine: engine)
            try shop.write("services: {web: {image: busybox, command: sleep 1d, stop_grace_period: 0s}}")
            async let up = shop.compose("up")
            let isUp = try await eventually { try await shop.states() == ["shop-web-1": "running"] }
            #expect(isUp)
            await engine.crash()
            let ended = try await up
            #expect(ended.exit == 1, "\(ended)")
            #expect(ended.errors.split(separator: "\n").count { $0.hasPrefix("kenter: ") } == 1, "\(ended)")
            try await engine.start()
            #expect(try await shop.states() == ["shop-web-1": "running"])
            #expect(try await shop.compose("down").exit == 0)
        }
    }

    @Test func whatIsMadeAnewKeepsItsUnnamedVolumesAndOnlyGoesOnceItsSuccessorIsThere() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let shop = Shop(engine: engine)
            func write(_ image: String, _ mode: String) throws {
                try shop.write(
                    """
                    services:
                      db:
                        image: \(image)
                        pull_policy: never
                        environment: [MODE=\(mode)]
                        command: sleep 1d
                        stop_grace_period: 0s
                        networks: {back: {ipv4_address: 10.7.0.77}}
                        ports: ["8000:80"]
                        volumes: ["/var/lib/db"]
                    networks: {back: {ipam: {config: [{subnet: 10.7.0.0/24}]}}}
                    """)
            }
            try write("busybox", "one")
            #expect(try await shop.compose("up", "-d").exit == 0)
            try await engine.kenter("exec", "shop-db-1", "sh", "-c", "echo data >/var/lib/db/data")
            let first = try await engine.inspect("shop-db-1")["id"].string
            try write("no-such-image", "one")
            let failed = try await shop.compose("up", "-d")
            #expect(failed.exit == 1 && failed.errors.contains("service \"db\": "), "\(failed)")
            #expect(try await engine.inspect("shop-db-1")["id"].string == first)
            #expect(try await shop.states() == ["shop-db-1": "running"])

            try write("busybox", "two")
            let second = try await shop.compose("up", "-d")
            #expect(second.exit == 0, "\(second)")
            func data() async throws -> String {
                try await engine.kenter("exec", "shop-db-1", "sh", "-c", "cat /var/lib/db/data; echo $MODE")
            }
            #expect(try await data() == "data\ntwo")
            #expect(try await engine.inspect("shop-db-1")["id"].string != first)
            #expect(try await shop.states() == ["shop-db-1": "running"])

            // As if `up` had been killed once the last container was gone.
            try await engine.kenter("rename", "shop-db-1", "0123456789ab_shop-db-1")
            try await engine.kenter("stop", "-t", "0", "0123456789ab_shop-db-1")
            let third = try await shop.compose("up", "-d")
            #expect(third.exit == 0, "\(third)")
            #expect(try await data() == "data\ntwo")
            #expect(try await shop.states() == ["shop-db-1": "running"])
            #expect(try await engine.kenter("volume", "ls", "-q").split(separator: "\n").count == 1)
            #expect(try await shop.compose("down", "-v").exit == 0)
            #expect(try await engine.kenter("volume", "ls", "-q").isEmpty)
        }
    }

    @Test func profilesThatAreOffAreNoReasonToLeaveAnythingBehind() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let shop = Shop(engine: engine)
            try shop.write(
                """
                services:
                  debug: {image: busybox, command: sleep 1d, stop_grace_period: 0s, profiles: [debug]}
                  built: {build: ., profiles: [build]}
                """)
            let off = try await shop.compose("up", "-d")
            #expect(off.exit == 1 && off.errors.contains("every service has a profile that is off"), "\(off)")
            #expect(try await shop.compose("up", "-d", "debug").exit == 0)
            #expect(try await shop.compose("ps").output.contains("shop-debug-1"))
            #expect(try await shop.compose("logs").exit == 0)
            #expect(try await shop.compose("stop").exit == 0)
            #expect(try await shop.states() == ["shop-debug-1": "exited"])
            let down = try await shop.compose("down")
            #expect(down.exit == 0 && down.errors.contains("Network shop_default  Removed"), "\(down)")
            #expect(try await shop.states().isEmpty)
        }
    }
}
