import JSONRPC
import KenterProtocol

/// The capability `effects` of the role `link`.
enum LinkEffectChecks {
    static let all: [Check] = [
        Check("link.establish", "a link is established and revoked", needs: needs) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let state = try session.succeed(establish("l1")).value.state
            _ = try session.succeed(ProviderLinkRevoke(linkId: "l1", state: state))
        },
        Check("link.establish.repeated", "the same link again has the same result (R1)", needs: established) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let first = try session.succeed(establish("l1")).json
            let second = try session.succeed(establish("l1")).json
            try (first == second).orFail("the second result is another one")
        },
        Check("link.establish.conflict", "the same link with another plan is a conflict (R2)", needs: established) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(establish("l1"))
            try session.refuse(establish("l1", value: "2"), "the link was established with another plan")
        },
        Check("link.revoke.unknown", "revoking what is not there, or no more, succeeds (R3)", needs: established) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(ProviderLinkRevoke(linkId: "never"))
            let state = try session.succeed(establish("l1")).value.state
            for _ in 1...2 { _ = try session.succeed(ProviderLinkRevoke(linkId: "l1", state: state)) }
        },
        Check(
            "link.establish.killed", "after a kill at any byte the call is repeated, and succeeds (R5)",
            needs: established
        ) { bench throws(CheckEnd) in
            let known = ProviderReconcile(linkIds: ["l1"])
            try Kill.atManyBytes(bench, during: establish("l1"), known: known) { session throws(CheckEnd) in
                _ = try session.succeed(establish("l1"), "after it was killed")
            }
        },
        Check(
            "link.revoke.after-error", "after an error the opposite call cleans up, and all starts anew (R4)",
            needs: established
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(establish("l1"))
            _ = try session.ask(establish("l1", value: "2"))
            _ = try session.succeed(ProviderLinkRevoke(linkId: "l1"), "after an error")
            _ = try session.succeed(establish("l1", value: "2"), "after an error and its clean-up")
        },
        Check(
            "link.revoke.killed", "after a kill while it revokes a link it does so again, and the link is gone (R5)",
            needs: established + [.passed("link.revoke.unknown")]
        ) { bench throws(CheckEnd) in
            let revocation = ProviderLinkRevoke(linkId: "l1")
            try Kill.whileRemoving(bench, revocation, known: ProviderReconcile(linkIds: ["l1"])) {
                session throws(CheckEnd) in
                _ = try session.succeed(establish("l1"))
            } verify: { session throws(CheckEnd) in
                // With another plan, which would be a conflict if anything were left.
                _ = try session.succeed(establish("l1", value: "2"), "after it was revoked")
                _ = try session.succeed(revocation)
            }
        },
        Check(
            "reconcile.links", "links that the engine no longer names are revoked, and told as removed",
            needs: established
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            for id in ["l1", "l2"] { _ = try session.succeed(establish(id)) }
            try session.reconciled(ProviderReconcile(linkIds: ["l2", "l9"])).expect(removed: ["l1"], missing: ["l9"])
            _ = try session.succeed(establish("l1", value: "2"), "after it was revoked")
        },
    ]

    private static let needs: [Check.Need] = [.capability("effects", of: "link"), .passed("link.plan.answer")]
    private static let established = needs + [.passed("link.establish")]

    static func establish(_ id: String, value: String = "1") -> ProviderLinkEstablish {
        ProviderLinkEstablish(linkId: id, plan: LinkPlan(env: [LinkVariable(name: "DB_X", value: value)]))
    }
}
