import JSONRPC
import KenterProtocol

/// R5: a crash between any two steps, and the repetition of the call afterwards.
enum Kill {
    /// Kills the plugin while it reads the call, while it works, and after it has answered; each time another process
    /// with the same state directory is started, reconciled with what is `known`, and handed to `verify`.
    static func atManyBytes<M: RPCMethod>(
        _ bench: Bench, during call: M, known: ProviderReconcile,
        _ verify: (PluginSession) throws(CheckEnd) -> Void
    ) throws(CheckEnd) {
        let timed = try bench.ready("timed", reconciling: known)
        let moments = (0...4).map(Moment.quarters) + moments(of: try duration(of: call, timed))
        for (number, moment) in moments.enumerated() {
            let state = "killed\(number)"
            try strike(try bench.ready(state, reconciling: known), during: call, moment)
            try verify(try bench.ready(state, reconciling: known))
        }
    }

    /// Kills the plugin while it takes away what `make` makes, and has the next process do it again.
    ///
    /// Goes on with that one, since starting it is what takes time: `verify` leaves nothing that hinders `make`. What a
    /// part of a line does has been seen when such things were made.
    static func whileRemoving<M: RPCMethod>(
        _ bench: Bench, _ removal: M, known: ProviderReconcile,
        _ make: (PluginSession) throws(CheckEnd) -> Void,
        verify: (PluginSession) throws(CheckEnd) -> Void
    ) throws(CheckEnd) {
        var session = try bench.ready()
        try make(session)
        for moment in moments(of: try duration(of: removal, session)) {
            try make(session)
            try strike(session, during: removal, moment)
            session = try bench.ready(reconciling: known)
            _ = try session.succeed(removal, "after it was killed")
            try verify(session)
        }
    }

    /// Makes the call, and kills the plugin at that moment of it.
    static func strike<M: RPCMethod>(
        _ session: PluginSession, during call: M, _ moment: Moment
    ) throws(CheckEnd) {
        let (id, line) = session.line(M.name, try PluginSession.params(call))
        let bytes = line + [0x0a]
        let count = moment.bytes(of: bytes.count)
        session.transcript.add("→", line.prefix(count))
        session.write(Array(bytes.prefix(count)))
        switch moment {
        case .quarters: break
        case .after(let duration): session.listen(for: duration)
        case .answered: _ = try session.answer(to: id, M.name)
        }
        session.crash()
    }

    enum Moment {
        /// The first byte of the line for 0, all but the last for 4.
        case quarters(Int)
        case after(Duration)
        case answered

        fileprivate func bytes(of length: Int) -> Int {
            guard case .quarters(let number) = self else { return length }
            return min(max(1, length * number / 4), length - 1)
        }
    }

    /// How long the plugin takes for a call, whatever it answers.
    static func duration<M: RPCMethod>(of call: M, _ session: PluginSession) throws(CheckEnd) -> Duration {
        let start = ContinuousClock.now
        _ = try session.answer(to: try session.send(call), M.name)
        return ContinuousClock.now - start
    }

    /// Moments while it works: parts of the time that it takes, which depends on the plugin and on the machine.
    static func moments(of duration: Duration) -> [Moment] {
        (0...4).map { .after(min(duration, .seconds(1)) * $0 / 4) } + [.answered]
    }
}
