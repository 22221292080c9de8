import JSONRPC
import KenterProtocol

/// How lines are read, and what becomes of calls that the plugin cannot know.
///
/// All of them ask with `plugin.hello`, which every plugin answers.
enum FramingChecks {
    static let all: [Check] = [
        Check("framing.bytewise", "a line that comes one byte at a time is a line", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let (id, line) = session.line(PluginHello.name, try PluginSession.params(Bench.hello()))
            session.transcript.add("→", line)
            for (index, byte) in (line + [0x0a]).enumerated() {
                session.write([byte])
                // Lets the plugin see that there is no more, now and then.
                if index % 20 == 0 { session.listen(for: .milliseconds(2)) }
            }
            try answered(session, id, "plugin.hello, sent byte by byte")
        },
        Check("framing.blank-lines", "blank lines, and a CR before the LF, are passed over", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let (id, line) = session.line(PluginHello.name, try PluginSession.params(Bench.hello()))
            session.transcript.add("→", line + [0x0d])
            session.write([0x0a, 0x0d, 0x0a] + line + [0x0d, 0x0a])
            try answered(session, id, "plugin.hello after blank lines")
        },
        Check("framing.together", "lines that come together are all answered", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            var ids: [RequestID] = []
            var bytes: [UInt8] = []
            for _ in 1...16 {
                let (id, line) = session.line(PluginHello.name, try PluginSession.params(Bench.hello()))
                session.transcript.add("→", line)
                ids.append(id)
                bytes += line + [0x0a]
            }
            session.write(bytes)
            for id in ids { try answered(session, id, "one of 16 requests sent together") }
        },
        Check("framing.long-line", "a line of 256 KiB is read whole", needs: ready) { bench throws(CheckEnd) in
            let session = try bench.ready()
            var params = try PluginSession.params(Bench.hello())
            let text = JSONValue.string(String(repeating: "x", count: 4_096))
            params["padding"] = .array([JSONValue](repeating: text, count: 64))
            try answered(session, session.send(PluginHello.name, params), "a line of 256 KiB")
        },
        Check("framing.escapes", "quotes, brackets and escapes within strings do not end them", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            var params = try PluginSession.params(Bench.hello())
            params["unknown"] = .string("\"},{\"id\":7,\"method\":\"x\\\n\u{2028}\u{85}é😀\u{1}\\")
            try answered(session, session.send(PluginHello.name, params), "a request with escapes in a string")
        },
        Check("ids.echoed", "ids come back as they were sent, strings and large integers too", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            for id: RequestID in [.string("a-1"), .integer(9_007_199_254_740_991), .integer(-3), .string("7")] {
                let params = try PluginSession.params(Bench.hello())
                try answered(session, session.send(PluginHello.name, params, id: id), "a request with the id \(id)")
            }
        },
        Check("methods.unknown", "an unknown method is answered with the code -32601", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let played = ConformanceKit.knownRoles.filter { bench.greeting?.roles[$0] != nil }
            let foreign = ["network": "provider.network.check", "link": "provider.link.describe"].filter {
                !played.contains($0.key)
            }
            for method in ["provider.nothing.atAll", "plugin.frobnicate"] + foreign.values.sorted() {
                switch try session.answer(to: session.send(method), method) {
                case .success: throw .failed("\(method) was answered with a result")
                case .failure(let error):
                    try (error.kind.code == -32_601).orFail("\(method) was answered with the code \(error.kind.code)")
                }
            }
        },
        Check("params.unknown", "unknown parameters are ignored: a newer engine may send some", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.start()
            let extra: JSONObject = ["newInVersion7": ["deep": [1, nil]], "_meta2": true]
            try succeeded(try session.ask(Bench.hello(), adding: extra))
            let configure = PluginConfigure(config: bench.kit.configuration, stateDir: bench.stateDirectory())
            try succeeded(try session.ask(configure, adding: extra))
        },
        Check("notifications.unknown", "unknown notifications are passed over without an answer", needs: ready) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            session.notify("$/newInVersion7", ["x": 1])
            let (id, method) = (try session.send(Bench.hello()), "plugin.hello after an unknown notification")
            let outcome = try told { () throws(CheckEnd) in try session.answer(to: id, method) }
            switch outcome {
            case .success: return
            case .failure(let error): throw .failed("\(method) was answered with an error: \(error.message)")
            }
        },
    ]

    private static let ready: [Check.Need] = [.passed("configure.ready")]

    private static func succeeded<Value>(_ outcome: Result<Answer<Value>, RPCError>) throws(CheckEnd) {
        if case .failure(let error) = outcome { throw .failed("it was refused: \(error.message)") }
    }

    /// Here a missing answer breaks the rule that is looked at, and no other.
    private static func answered(_ session: PluginSession, _ id: RequestID, _ what: String) throws(CheckEnd) {
        _ = try told { () throws(CheckEnd) in try session.answer(to: id, what) }
    }
}

/// Turns what would block a check into its failure: the rule under test is the one that made the plugin end or be silent.
func told<R>(_ body: () throws(CheckEnd) -> R) throws(CheckEnd) -> R {
    do throws(CheckEnd) {
        return try body()
    } catch {
        if case .blocked(let violation) = error, ["lives-on", "answers.in-time"].contains(violation.check) {
            throw .failed(violation.text)
        }
        throw error
    }
}
