import Glibc
import KenterClient
import KenterProtocol

struct ContainerLogsCommand: Command {
    static let abstract = "Show what a container has written."

    let engine: EngineOptions
    let follow: Bool
    let tail: String
    let timestamps: Bool
    let since: String?
    let container: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        follow = arguments.flag("follow", "f", "Go on until it exits.")
        tail = arguments.value("tail", "n", "value", "Only so many lines from the end, or all.") ?? "all"
        timestamps = arguments.flag("timestamps", "t", "Show the time of each line.")
        since = arguments.value(
            "since", "value", "Only what is newer: an age (10m), a date, a time (RFC 3339) or seconds since 1970.")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        let stream = client.openStream()
        let request = ContainerLogs(
            container: container, follow: follow ? true : nil, tail: try TailOption.lineCount(tail),
            since: try since.map { text throws(CommandFailure) in try Self.moment(text) },
            timestamps: timestamps ? true : nil, stream: stream.id)
        async let result = client.call(request, over: stream)
        try await StandardStreams(stream: stream, hasTerminal: false).copyOutput()
        _ = try await result
    }

    /// An age as the moment it names, a date as its beginning here; RFC 3339 and seconds since 1970 as they are.
    static func moment(_ text: String) throws(CommandFailure) -> String {
        if text.last?.isLetter == true, let age = DurationText.seconds(text) {
            return Timestamp(nanoseconds: Timestamp.now.nanoseconds - Int64(min(age, 4e9) * 1e9)).description
        }
        if let seconds = LocalTime.seconds(text) { return "\(seconds)" }
        guard Timestamp(text) != nil || Double(text) != nil else {
            throw CommandFailure(
                "invalid time '\(text)' for --since: use an age (10m, 1h30m), a date (2026-11-24), a time "
                    + "(2026-11-24T02:39:41Z) or seconds since 1970")
        }
        return text
    }
}

/// A date, or a date and a time without zone, of this machine's own zone: `2026-11-24`, `2026-11-24T02:39:41`.
enum LocalTime {
    static func seconds(_ text: String) -> Int? {
        // In UTC first, which takes the text apart; then the same day and hour here.
        let moment = ["T00:00:00Z", ":00Z", "Z"].lazy.compactMap { Timestamp(text + $0) }.first
        guard let moment, !text.hasSuffix("Z") else { return nil }
        var (seconds, parts) = (time_t(moment.nanoseconds / 1_000_000_000), tm())
        gmtime_r(&seconds, &parts)
        parts.tm_isdst = -1
        return mktime(&parts)
    }
}
