import JSONRPC
import TestSupport
import Testing

/// An image or a `--expose` may name every port there is: that is nobody's problem but its own links'.
@Suite struct ManyPortsTests {
    @Test func aSourceThatExposesEveryPortEndsNoPlugin() async throws {
        try await TestEngine.with(images: ["busybox"]) { engine in
            let source = ["run", "-d", "--name", "all", "--expose", "1-65535", "busybox", "sleep", "1d"]
            #expect(try await engine.kenter(source, within: .seconds(180)).exit == 0)
            let before = try await engine.kenter("plugin", "inspect", "link-legacy")
            let refused = try await engine.kenter(
                ["run", "--name", "web", "--link", "all:db", "busybox", "true"], within: .seconds(180))
            #expect(refused.exit == 125, "\(refused)")
            #expect(refused.errors.contains("all exposes 65535 ports"), "\(refused)")
            #expect(refused.errors.split(separator: "\n").count == 1, "\(refused)")
            let after = try await engine.kenter("plugin", "inspect", "link-legacy")
            #expect(try JSONValue(text: before)[0]["pid"] == JSONValue(text: after)[0]["pid"], "it lives on")

            // The range of a media server, as Docker takes it: four variables a port, and five of the run and the link.
            try await engine.kenter(
                "run", "-d", "--name", "media", "--expose", "10000-20000/udp", "busybox", "sleep", "1d")
            try await engine.kenter(
                "create", "--name", "caller", "--link", "media:m", "busybox", "sh", "-c", "env | grep -c ^M_PORT_",
                within: .seconds(120))
            let counted = try await engine.kenter(["start", "-a", "caller"], within: .seconds(180))
            #expect(counted.line == String(4 * 10_001 + 4), "\(counted)")
        }
    }
}
