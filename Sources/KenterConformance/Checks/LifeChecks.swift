import Glibc
import JSONRPC
import KenterProtocol

/// The end of a plugin, at every phase, and calls that the engine gives up.
enum LifeChecks {
    static let all: [Check] = [
        Check("eof.before-hello", "at the end of its input it exits within 5 s: before anything was said", needs: hello)
        { bench throws(CheckEnd) in
            try exits(try bench.start())
        },
        Check("eof.after-hello", "at the end of its input it exits within 5 s: after hello", needs: hello) {
            bench throws(CheckEnd) in
            try exits(try bench.greeted())
        },
        Check("eof.after-configure", "at the end of its input it exits within 5 s: when it works", needs: ready) {
            bench throws(CheckEnd) in
            try exits(try bench.ready())
        },
        Check(
            "eof.in-a-call", "at the end of its input it exits within 5 s: while it makes or plans something",
            needs: ready
        ) { bench throws(CheckEnd) in
            for (number, call) in try calls(bench).enumerated() {
                let session = try bench.ready("call\(number)")
                session.send(call.method, call.params)
                try exits(session)
            }
        },
        Check("eof.in-a-line", "at the end of its input it exits within 5 s: half-way through a line", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let (_, line) = session.line(PluginHello.name, try PluginSession.params(Bench.hello()))
            session.transcript.add("→", line.prefix(40))
            session.write(Array(line.prefix(40)))
            try exits(session)
        },
        Check(
            "shutdown.exit", "plugin.shutdown is answered, and at the end of its input it exits within 5 s",
            needs: ready
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try told { () throws(CheckEnd) in try session.succeed(PluginShutdown(deadlineMs: 5_000)) }
            try exits(session)
        },
        Check("cancel.unknown", "$/cancelRequest for a request that is not there changes nothing", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            session.notify("$/cancelRequest", ["id": 4_711])
            let id = try session.send(Bench.hello())
            _ = try told { () throws(CheckEnd) in try session.answer(to: id, "plugin.hello after $/cancelRequest") }
        },
        Check("cancel.answered", "a request that is cancelled is still answered, and so is the next", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let id = try session.send(Bench.hello())
            session.notify("$/cancelRequest", ["id": id.json])
            _ = try told { () throws(CheckEnd) in try session.answer(to: id, "a cancelled request") }
            let next = try session.send(Bench.hello())
            _ = try told { () throws(CheckEnd) in try session.answer(to: next, "the request after a cancelled one") }
        },
        Check("status.answer", "plugin.status, where it is known, says that the plugin is well", needs: ready) {
            bench throws(CheckEnd) in
            switch try bench.ready().ask(PluginStatus()) {
            case .success(let answer):
                try answer.value.healthy.orFail("it says that it is not: \(answer.value.detail ?? "no detail")")
            case .failure(let error):
                guard error.kind.code == -32_601 else {
                    throw .failed("it was answered with an error: \(error.message)")
                }
                throw .skipped("it does not know plugin.status")
            }
        },
        Check(
            "reconcile.answer", "provider.reconcile with nothing to keep is answered, or unknown (-32601)",
            needs: ready
        ) { bench throws(CheckEnd) in
            switch try bench.ready().ask(ProviderReconcile()) {
            case .success(let answer):
                try answer.value.missing.isEmpty.orFail("it misses '\(answer.value.missing[0])', which nobody named")
            case .failure(let error):
                try (error.kind.code == -32_601).orFail("it was answered with an error: \(error.message)")
            }
        },
    ]

    private static let hello: [Check.Need] = [.passed("hello.answer")]
    private static let ready: [Check.Need] = [.passed("configure.ready")]

    /// One call that takes a while of each thing that it can do.
    private static func calls(_ bench: Bench) throws(CheckEnd) -> [(method: String, params: JSONObject)] {
        var calls: [(String, JSONObject)] = []
        func add<M: RPCMethod>(_ call: M) throws(CheckEnd) { calls.append((M.name, try PluginSession.params(call))) }
        if bench.plays("link") { try add(LinkSamples.dual) }
        if bench.plays("link"), bench.has("effects", of: "link") { try add(LinkEffectChecks.establish("l1")) }
        if bench.plays("storage"), bench.has("volumes", of: "storage") { try add(VolumeChecks.create("v1")) }
        if bench.plays("storage"), bench.has("rootfs", of: "storage") {
            try add(LayerChecks.apply(try bench.layer(SmallArchive.plain)))
        }
        // Outside of a sandbox nothing of a network may be made.
        if bench.plays("network"), bench.sandbox != nil { try add(NetworkChecks.create("n1")) }
        if bench.plays("network"), bench.sandbox == nil { try add(ProviderNetworkValidate(spec: NetworkChecks.spec)) }
        return calls
    }

    private static func exits(_ session: PluginSession) throws(CheckEnd) {
        session.finishInput()
        try session.exited(within: .seconds(5)).orFail("it still runs 5 s after its input ended")
        // What it has started may take a moment to see that it is gone.
        let end = ContinuousClock.now + .seconds(1)
        while !Processes.ofSession(session.pid).isEmpty, ContinuousClock.now < end { usleep(20_000) }
        let left = Processes.ofSession(session.pid)
        guard left.isEmpty else {
            throw .blocked(
                Violation(check: "leaks.processes", text: "\(left.count) of its processes outlived it"))
        }
    }
}
