import JSONRPC
import KenterProtocol

/// Networks and attachments after errors, when the plugin dies, and what `provider.reconcile` makes of them.
enum NetworkCrashChecks {
    static let all: [Check] = [
        Check(
            "network.remove.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: networkIsRemoved
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let before = try HostNetwork.now()
            _ = try session.ask(NetworkChecks.create("n1", subnet: "172.29.0.0/99"))
            _ = try session.succeed(removal, "whether or not create had failed")
            try HostNetwork.now().expectNothing(since: before)
            _ = try session.succeed(NetworkChecks.create("n1"), "after an error and its clean-up")
        },
        Check(
            "network.remove.killed",
            "after a kill while it removes a network it does so again, and leaves nothing (R5)",
            needs: networkIsRemoved
        ) { bench throws(CheckEnd) in
            let before = try HostNetwork.now()
            try Kill.whileRemoving(bench, removal, known: ProviderReconcile(networkIds: ["n1"])) {
                session throws(CheckEnd) in
                _ = try session.succeed(NetworkChecks.create("n1"))
            } verify: { session throws(CheckEnd) in
                try HostNetwork.now().expectNothing(since: before)
                // With another subnet, which would be a conflict if anything were left.
                _ = try session.succeed(NetworkChecks.create("n1", subnet: "172.30.0.0/16"), "after it was removed")
                _ = try session.succeed(removal)
            }
        },
        Check(
            "attachment.detach.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: isDetached
        ) { bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            let before = try HostNetwork.now()
            var request = scene.attach("a1")
            request.netns = bench.path("nowhere")
            try scene.session.refuse(request, "its namespace is not there")
            _ = try scene.session.succeed(scene.detach("a1"), "after an error")
            try HostNetwork.now().expectNothing(since: before)
            _ = try scene.session.succeed(scene.attach("a1"), "after an error and its clean-up")
        },
        Check(
            "attachment.killed", "after a kill while it attaches, attaching succeeds, and leaves nothing (R5)",
            needs: tidy
        ) { bench throws(CheckEnd) in
            try attachesAfterKill(bench)
        },
        Check(
            "attachment.detach.killed", "after a kill while it detaches, detaching succeeds, and leaves nothing (R5)",
            needs: isDetached
        ) { bench throws(CheckEnd) in
            try detachesAfterKill(bench)
        },
        Check("reconcile.networks", "networks that the engine no longer names are removed, and told", needs: tidy) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(NetworkChecks.create("n1"))
            _ = try session.succeed(NetworkChecks.create("n2", subnet: "172.28.0.0/16"))
            let kept = ProviderReconcile(networkIds: ["n2", "n9"])
            try session.reconciled(kept).expect(removed: ["n1"], missing: ["n9"])
            _ = try session.succeed(NetworkChecks.create("n1", subnet: "172.30.0.0/16"), "after it was removed")
        },
        Check(
            "reconcile.attachments", "attachments and networks that the engine no longer names are removed",
            needs: tidy
        ) { bench throws(CheckEnd) in
            let before = try HostNetwork.now()
            let scene = try AttachmentScene(bench)
            for name in ["a1", "a2"] { _ = try scene.session.succeed(scene.attach(name)) }
            let kept = ProviderReconcile(networkIds: ["n1"], attachmentIds: [scene.id("a2")])
            try scene.session.reconciled(kept).expect(removed: [scene.id("a1")], missing: [])
            try scene.hasInterface("eth0", "a2").orFail("the attachment that was named is gone")
            _ = try scene.session.succeed(ProviderReconcile())
            try HostNetwork.now().expectNothing(since: before)
        },
        Check(
            "reconcile.rules", "rules of links that the engine no longer names are removed, and told",
            needs: tidy + [.passed("attachment.rules")]
        ) { bench throws(CheckEnd) in
            let scene = try AttachmentScene(bench)
            let session = scene.session
            for name in ["a1", "a2"] { _ = try session.succeed(scene.attach(name)) }
            _ = try session.succeed(scene.rules(set: [scene.link("l2", ports: ["443"])]))
            let before = try HostNetwork.now()
            _ = try session.succeed(scene.rules(set: [scene.link("l1", ports: ["80"])]))
            let kept = ProviderReconcile(
                networkIds: ["n1"], attachmentIds: [scene.id("a1"), scene.id("a2")], linkIds: ["l2", "l9"])
            try session.reconciled(kept).expect(removed: ["l1"], missing: ["l9"])
            let after = try HostNetwork.now()
            try after.expectNothing(since: before)
            if let line = before.added(since: after) { throw .failed("gone with the rules of another link: \(line)") }
        },
    ]

    private static let networkIsRemoved =
        NetworkChecks.works + [.passed("network.remove.leaves"), .passed("network.remove.unknown")]
    private static let tidy = AttachmentChecks.tidy
    private static let isDetached = tidy + [.passed("attachment.detach.unknown")]
    private static let removal = ProviderNetworkRemove(networkId: "n1")

    private static func attachesAfterKill(_ bench: Bench) throws(CheckEnd) {
        let before = try HostNetwork.now()
        var scene = try AttachmentScene(bench)
        let duration = try Kill.duration(of: scene.attach("a1"), scene.session)
        _ = try scene.session.succeed(scene.detach("a1"))
        for moment in Kill.moments(of: duration) {
            try Kill.strike(scene.session, during: scene.attach("a1"), moment)
            try scene.restart(knowing: ["a1"])
            _ = try scene.session.succeed(scene.attach("a1"), "after it was killed")
            try scene.hasInterface("eth0", "a1").orFail("after a kill the interface is missing")
            _ = try scene.session.succeed(scene.detach("a1"), "after it was killed")
        }
        _ = try scene.session.succeed(removal)
        try HostNetwork.now().expectNothing(since: before)
    }

    private static func detachesAfterKill(_ bench: Bench) throws(CheckEnd) {
        var scene = try AttachmentScene(bench)
        let before = try HostNetwork.now()
        _ = try scene.session.succeed(scene.attach("a1"))
        let duration = try Kill.duration(of: scene.detach("a1"), scene.session)
        for moment in Kill.moments(of: duration) {
            _ = try scene.session.succeed(scene.attach("a1"), "after it was detached")
            try Kill.strike(scene.session, during: scene.detach("a1"), moment)
            try scene.restart(knowing: ["a1"])
            _ = try scene.session.succeed(scene.detach("a1"), "after it was killed")
            try (!scene.hasInterface("eth0", "a1")).orFail("the interface outlived detach")
            try HostNetwork.now().expectNothing(since: before)
        }
    }
}
