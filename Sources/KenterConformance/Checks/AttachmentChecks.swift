import JSONRPC
import KenterProtocol

/// The role `network`: containers on networks.
enum AttachmentChecks {
    static let all: [Check] = [
        Check(
            "attachment.life", "a container is attached, has its interface and address, and is detached", needs: needs
        ) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            let result = try scene.session.succeed(scene.attach("a1")).value
            try scene.hasInterface(result.interface, "a1").orFail("'\(result.interface)' is not in its namespace")
            try result.addresses.contains("172.29.0.11/16").orFail("its addresses are \(result.addresses)")
            _ = try scene.session.succeed(scene.detach("a1"))
            try (!scene.hasInterface(result.interface, "a1")).orFail("the interface outlived detach")
        },
        Check("attachment.repeated", "the same attachment again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            let first = try scene.session.succeed(scene.attach("a1")).json
            let second = try scene.session.succeed(scene.attach("a1")).json
            try (first == second).orFail("the second result is another one")
        },
        Check("attachment.conflict", "the same attachment with another interface is a conflict (R2)", needs: works) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            _ = try scene.session.succeed(scene.attach("a1"))
            var other = scene.attach("a1")
            other.interface = "eth1"
            let error = try scene.session.refuse(other, "it is attached with another interface")
            try (error.kind == .conflict).orFail("it was refused with the kind \(error.kind), not conflict")
        },
        Check(
            "attachment.moved", "the same attachment with another address has that one, and the old one is free",
            needs: works
        ) { bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            _ = try scene.session.succeed(scene.attach("a1"))
            var moved = scene.attach("a1")
            moved.addresses = ["172.29.0.13/16"]
            let addresses = try scene.session.succeed(moved, "a container may move").value.addresses
            try (addresses == moved.addresses).orFail("its addresses are \(addresses)")
            try scene.hasInterface("eth0", "a1").orFail("the interface is missing")
            var heir = scene.attach("a2")
            heir.addresses = ["172.29.0.11/16"]
            _ = try scene.session.succeed(heir, "the other attachment has left the address")
        },
        Check("attachment.address-taken", "an address that another attachment has is refused", needs: works) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
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
            let scene = try AttachmentScene(bench)
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
            let scene = try AttachmentScene(bench)
            _ = try scene.session.succeed(scene.detach("a9"))
            _ = try scene.session.succeed(scene.attach("a1"))
            for _ in 1...2 { _ = try scene.session.succeed(scene.detach("a1")) }
        },
        Check("attachment.publish", "publish says all ports there are to be, not some more", needs: works) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
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
            let scene = try AttachmentScene(bench)
            for name in ["a1", "a2"] { _ = try scene.session.succeed(scene.attach(name)) }
            let link = scene.link("l1", ports: ["80", "7000-7010"])
            let before = try HostNetwork.now()
            for _ in 1...2 { _ = try scene.session.succeed(scene.rules(set: [link])) }
            for _ in 1...2 { _ = try scene.session.succeed(scene.rules(remove: ["l1", "l9"])) }
            try HostNetwork.now().expectNothing(since: before)
        },
        Check("attachment.stats", "an attachment has counters; one that is not there is an error", needs: works) {
            bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
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
            let scene = try AttachmentScene(bench)
            var request = scene.attach("a1")
            request.ports = [Port(hostPort: 8_081, containerPort: 80, protocol: .tcp)]
            _ = try scene.session.succeed(request)
            _ = try scene.session.succeed(scene.detach("a1"))
            _ = try scene.session.succeed(ProviderNetworkRemove(networkId: "n1"))
            try HostNetwork.now().expectNothing(since: before)
        },
    ]

    private static let needs: [Check.Need] = NetworkChecks.works
    private static let works = needs + [.passed("attachment.life")]
    static let tidy = works + [.passed("attachment.detach.leaves")]
}
