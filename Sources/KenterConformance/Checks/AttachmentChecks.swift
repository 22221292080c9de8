import JSONRPC
import KenterProtocol

/// The role `network`: containers on networks. Namespaces of the kit stand for containers.
enum AttachmentChecks {
    static let all: [Check] = [
        Check(
            "attachment.life", "a container is attached, has its interface and address, and is detached", needs: needs
        ) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            let result = try scene.session.succeed(scene.attach("a1")).value
            try scene.hasInterface(result.interface, "a1").orFail("'\(result.interface)' is not in its namespace")
            try result.addresses.contains("172.29.0.11/16").orFail("its addresses are \(result.addresses)")
            _ = try scene.session.succeed(scene.detach("a1"))
            try (!scene.hasInterface(result.interface, "a1")).orFail("the interface outlived detach")
        },
        Check("attachment.repeated", "the same attachment again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            let first = try scene.session.succeed(scene.attach("a1")).json
            let second = try scene.session.succeed(scene.attach("a1")).json
            try (first == second).orFail("the second result is another one")
        },
        Check("attachment.address-taken", "an address that another attachment has is refused", needs: works) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            _ = try scene.session.succeed(scene.attach("a1"))
            var other = scene.attach("a2")
            other.addresses = ["172.29.0.11/16"]
            try scene.session.refuse(other, "another attachment has the address")
        },
        Check(
            "attachment.port-taken", "a port that another attachment has is refused, and the error's `port` says which",
            needs: works
        ) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            let ports = [8_082, 8_083].map { Port(hostPort: $0, containerPort: 80, protocol: .tcp) }
            var first = scene.attach("a1")
            first.ports = [ports[1]]
            _ = try scene.session.succeed(first)
            var second = scene.attach("a2")
            second.ports = ports
            let error = try scene.session.refuse(second, "another attachment has the port 8083")
            try (error.takenPort == ports[1]).orFail("its error is \(JSONValue.object(error.json).text)")
            // The next one of a range is tried after this.
            _ = try scene.session.succeed(scene.detach("a2"))
            second.ports = [ports[0]]
            _ = try scene.session.succeed(second)
        },
        Check("attachment.detach.unknown", "detaching what is not there, or no more, succeeds (R3)", needs: works) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            _ = try scene.session.succeed(scene.detach("a9"))
            _ = try scene.session.succeed(scene.attach("a1"))
            for _ in 1...2 { _ = try scene.session.succeed(scene.detach("a1")) }
        },
        Check("attachment.publish", "publish says all ports there are to be, not some more", needs: works) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            _ = try scene.session.succeed(scene.attach("a1"))
            let port = Port(hostPort: 8_080, containerPort: 80, protocol: .tcp)
            for ports in [[port], [port], [], [port]] {
                let request = ProviderNetworkPublish(attachmentId: scene.id("a1"), ports: ports)
                let bound = try scene.session.succeed(request).value.ports
                try (bound.isEmpty == ports.isEmpty && bound.allSatisfy { $0.hostPort == 8_080 }).orFail(
                    "asked for \(ports.count) ports, it published \(bound.map { $0.hostPort ?? 0 })")
            }
        },
        Check(
            "attachment.rules", "rules of a link are set, set again, and removed, known or not (R1, R3)", needs: works
        ) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            for name in ["a1", "a2"] { _ = try scene.session.succeed(scene.attach(name)) }
            let rules = ProviderNetworkRules.LinkRules(
                linkId: "l1", from: scene.id("a1"), to: scene.id("a2"),
                rules: [LinkPortRule(protocol: .tcp, ports: ["80", "7000-7010"])])
            let before = try HostNetwork.now()
            for _ in 1...2 { _ = try scene.session.succeed(ProviderNetworkRules(networkId: "n1", set: [rules])) }
            for _ in 1...2 {
                _ = try scene.session.succeed(ProviderNetworkRules(networkId: "n1", remove: ["l1", "l9"]))
            }
            if let line = try HostNetwork.now().added(since: before) { throw .failed("left: \(line)") }
        },
        Check("attachment.stats", "an attachment has counters; one that is not there is an error", needs: works) {
            bench throws(CheckEnd) in
            let scene = try Scene(bench)
            _ = try scene.session.succeed(scene.attach("a1"))
            _ = try scene.session.succeed(ProviderNetworkStats(attachmentId: scene.id("a1")))
            try scene.session.refuse(ProviderNetworkStats(attachmentId: scene.id("a9")), "there is no such attachment")
        },
        Check(
            "attachment.detach.leaves", "detach and remove leave no device, route or rule",
            needs: works + [.passed("network.remove.leaves")]
        ) {
            bench throws(CheckEnd) in
            let before = try HostNetwork.now()
            let scene = try Scene(bench)
            var request = scene.attach("a1")
            request.ports = [Port(hostPort: 8_081, containerPort: 80, protocol: .tcp)]
            _ = try scene.session.succeed(request)
            _ = try scene.session.succeed(scene.detach("a1"))
            _ = try scene.session.succeed(ProviderNetworkRemove(networkId: "n1"))
            if let line = try HostNetwork.now().added(since: before) { throw .failed("left: \(line)") }
        },
        Check(
            "attachment.killed", "after a kill while it attaches, attaching succeeds, and leaves nothing (R5)",
            needs: tidy
        ) {
            bench throws(CheckEnd) in
            try isRepeatedAfterKill(bench)
        },
        Check(
            "reconcile.attachments", "attachments and networks that the engine no longer names are removed",
            needs: tidy
        ) {
            bench throws(CheckEnd) in
            let before = try HostNetwork.now()
            let scene = try Scene(bench)
            for name in ["a1", "a2"] { _ = try scene.session.succeed(scene.attach(name)) }
            let kept = ProviderReconcile(networkIds: ["n1"], attachmentIds: [scene.id("a2")])
            let first = try scene.session.succeed(kept).value
            try (first.removed == [scene.id("a1")] && first.missing.isEmpty).orFail(
                "it removed \(first.removed) and misses \(first.missing), with only a1 to remove")
            try scene.hasInterface("eth0", "a2").orFail("the attachment that was named is gone")
            _ = try scene.session.succeed(ProviderReconcile())
            if let line = try HostNetwork.now().added(since: before) { throw .failed("left: \(line)") }
        },
    ]

    private static let needs: [Check.Need] = NetworkChecks.works
    private static let works = needs + [.passed("attachment.life")]
    private static let tidy = works + [.passed("attachment.detach.leaves")]

    private static func isRepeatedAfterKill(_ bench: Bench) throws(CheckEnd) {
        let before = try HostNetwork.now()
        var scene = try Scene(bench)
        let duration = try Kill.duration(of: scene.attach("a1"), scene.session)
        _ = try scene.session.succeed(scene.detach("a1"))
        for moment in Kill.moments(of: duration) {
            _ = try scene.session.send(scene.attach("a1"))
            scene.session.listen(for: moment)
            scene.session.crash()
            let known = ProviderReconcile(networkIds: ["n1"], attachmentIds: [scene.id("a1")])
            scene.session = try bench.ready(reconciling: known)
            _ = try scene.session.succeed(scene.attach("a1"), "after it was killed")
            try scene.hasInterface("eth0", "a1").orFail("after a kill the interface is missing")
            _ = try scene.session.succeed(scene.detach("a1"), "after it was killed")
        }
        _ = try scene.session.succeed(ProviderNetworkRemove(networkId: "n1"))
        if let line = try HostNetwork.now().added(since: before) { throw .failed("left: \(line)") }
    }

    /// A network `n1` and two containers, `a1` and `a2`.
    private struct Scene {
        var session: PluginSession
        private let bench: Bench
        private let sandbox: Sandbox
        private let networkState: JSONObject

        init(_ bench: Bench) throws(CheckEnd) {
            guard let sandbox = bench.sandbox else { throw .skipped("needs root") }
            self.bench = bench
            self.sandbox = sandbox
            for name in ["a1", "a2"] { try sandbox.makeNetwork(at: bench.path(name)) }
            session = try bench.ready()
            networkState = try session.succeed(NetworkChecks.create("n1")).value.state
        }

        /// Starts with eight digits, as ids of the engine do.
        func id(_ name: String) -> String { "00000\(name.dropFirst())00f00d" }

        func attach(_ name: String) -> ProviderNetworkAttach {
            ProviderNetworkAttach(
                attachmentId: id(name), networkId: "n1", networkState: networkState, netns: bench.path(name),
                interface: "eth0", addresses: ["172.29.0.1\(name.dropFirst())/16"], hostname: name)
        }

        func detach(_ name: String) -> ProviderNetworkDetach {
            ProviderNetworkDetach(attachmentId: id(name), networkId: "n1", netns: bench.path(name))
        }

        func hasInterface(_ interface: String, _ name: String) throws(CheckEnd) -> Bool {
            try sandbox.inside(bench.path(name)) { Files.text("/proc/thread-self/net/dev").contains(" \(interface):") }
        }
    }
}
