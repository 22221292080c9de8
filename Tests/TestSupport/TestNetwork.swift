import CLinux
import Glibc

/// A throw-away network namespace for an engine, with an outside world: a second namespace at the end of a wire.
///
/// Nothing of it touches the host's own network.
public struct TestNetwork: Sendable {
    /// The name of the engine's namespace, as `ip netns` knows it.
    public let name: String
    /// The engine's address on the wire.
    public static let hostAddress = "203.0.113.1"
    public static let hostAddress6 = "2001:db8:6b::1"
    /// The outside world's address on the wire.
    public static let outsideAddress = "203.0.113.2"

    public var path: String { "/run/netns/\(name)" }
    public var outsidePath: String { "\(path)-out" }

    /// Makes both namespaces and the wire between them.
    public static func make(_ name: String) async throws -> TestNetwork {
        let network = TestNetwork(name: name)
        do {
            try await network.build()
        } catch {
            await network.remove()
            throw error
        }
        return network
    }

    /// Removes both namespaces with all that is in them.
    public func remove() async {
        for namespace in [name, "\(name)-out"] where access("/run/netns/\(namespace)", F_OK) == 0 {
            _ = try? await Command.run(["ip", "netns", "delete", namespace])  // A leftover name harms no other test.
        }
    }

    /// The command that runs `arguments` in the engine's namespace (or outside).
    public func entering(outside: Bool = false, _ arguments: [String]) -> [String] {
        ["nsenter", "--net=\(outside ? outsidePath : path)", "--"] + arguments
    }

    private func build() async throws {
        try await Command.succeed(["ip", "netns", "add", name])
        try await Command.succeed(["ip", "netns", "add", "\(name)-out"])
        let (inside, outside) = (["ip", "-n", name], ["ip", "-n", "\(name)-out"])
        try await Command.succeed(
            inside + ["link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", "\(name)-out"])
        for (command, number) in [(inside, "1"), (outside, "2")] {
            try await Command.succeed(command + ["link", "set", "lo", "up"])
            try await Command.succeed(command + ["address", "add", "203.0.113.\(number)/24", "dev", "up0"])
            try await Command.succeed(
                command + ["address", "add", "2001:db8:6b::\(number)/64", "dev", "up0", "nodad"])
            try await Command.succeed(command + ["link", "set", "up0", "up"])
        }
        try await Command.succeed(inside + ["route", "add", "default", "via", Self.outsideAddress])
        try await Command.succeed(inside + ["-6", "route", "add", "default", "via", "2001:db8:6b::2"])
    }
}
