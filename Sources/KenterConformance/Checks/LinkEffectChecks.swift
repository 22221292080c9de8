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
            try Kill.atManyBytes(bench, during: establish("l1")) { session throws(CheckEnd) in
                _ = try session.succeed(establish("l1"), "after it was killed")
            }
        },
    ]

    private static let needs: [Check.Need] = [.capability("effects", of: "link"), .passed("link.plan.answer")]
    private static let established = needs + [.passed("link.establish")]

    private static func establish(_ id: String, value: String = "1") -> ProviderLinkEstablish {
        ProviderLinkEstablish(linkId: id, plan: LinkPlan(env: [LinkVariable(name: "DB_X", value: value)]))
    }
}

/// R5: a crash between any two steps, and the repetition of the call afterwards.
enum Kill {
    /// Kills the plugin while it reads the call, while it works, and after it has answered; each time another process
    /// with the same state directory is started, reconciled and handed to `verify`.
    static func atManyBytes<M: RPCMethod>(
        _ bench: Bench, during call: M, prepare: ProviderReconcile = ProviderReconcile(),
        _ verify: (PluginSession) throws(CheckEnd) -> Void
    ) throws(CheckEnd) {
        let params = try PluginSession.params(call)
        let length = Message.request(Request(id: .integer(9), method: M.name, params: params)).json.bytes.count
        let duration = try duration(of: call, try bench.ready("timed", reconciling: prepare))
        let moments =
            [1, length / 2, length - 1].map(Moment.byte) + moments(of: duration).map(Moment.after) + [.answered]
        for (number, moment) in moments.enumerated() {
            let state = "killed\(number)"
            let session = try bench.ready(state, reconciling: prepare)
            let (id, line) = session.line(M.name, params)
            let bytes = line + [0x0a]
            switch moment {
            case .byte(let count):
                session.transcript.add("→", bytes.prefix(count))
                session.write(Array(bytes.prefix(count)))
            case .after(let duration):
                session.transcript.add("→", line)
                session.write(bytes)
                session.listen(for: duration)
            case .answered:
                session.transcript.add("→", line)
                session.write(bytes)
                _ = try session.answer(to: id, M.name)
            }
            session.crash()
            try verify(try bench.ready(state, reconciling: prepare))
        }
    }

    private enum Moment {
        case byte(Int)
        case after(Duration)
        case answered
    }

    /// How long the plugin takes for a call, whatever it answers.
    static func duration<M: RPCMethod>(of call: M, _ session: PluginSession) throws(CheckEnd) -> Duration {
        let start = ContinuousClock.now
        _ = try session.answer(to: try session.send(call), M.name)
        return ContinuousClock.now - start
    }

    /// Moments while a plugin works: parts of the time that it takes, which depends on it and on the machine.
    static func moments(of duration: Duration) -> [Duration] { (0...4).map { min(duration, .seconds(1)) * $0 / 4 } }
}
