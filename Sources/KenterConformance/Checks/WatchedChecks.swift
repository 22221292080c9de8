/// Rules that every line of every conversation has to keep; decided when all other checks have been made.
enum WatchedChecks {
    static let all: [Check] = [
        Check(
            watched: "framing.lines", "its standard output holds messages of JSON-RPC 2.0, one a line, and nothing else"
        ),
        Check(watched: "framing.line-limit", "no line of it is longer than 4 MiB"),
        Check(watched: "framing.names-once", "no name stands twice in one JSON object"),
        Check(watched: "answers.in-time", "every request is answered within its deadline"),
        Check(watched: "answers.once", "no request is answered twice"),
        Check(watched: "answers.asked", "nothing is answered that was not asked"),
        Check(watched: "requests.none", "it sends no requests"),
        Check(watched: "notifications.shape", "plugin.log and plugin.event have their shape"),
        Check(watched: "events.announced", "events are of kinds that it announced in hello"),
        Check(watched: "results.object", "every result is an object"),
        Check(watched: "results.shape", "every result has the members that its method promises"),
        Check(watched: "errors.shape", "every error has an integer code and a message"),
        Check(watched: "state.size", "no state is larger than 16 KiB (R6)"),
        Check(watched: "lives-on", "no valid request ends it"),
        Check(watched: "files.inside", "it writes nothing beside its state directory"),
        Check(watched: "leaks.processes", "when it exits, all that it started has ended"),
    ]
}
