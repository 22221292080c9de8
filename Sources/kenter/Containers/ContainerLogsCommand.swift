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
            "since", "value", "Only what is newer: a time (RFC 3339, seconds since 1970) or an age (10m).")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        let stream = client.openStream()
        let request = ContainerLogs(
            container: container, follow: follow ? true : nil, tail: try TailOption.lineCount(tail),
            since: since.map(Self.moment),
            timestamps: timestamps ? true : nil, stream: stream.id)
        async let result = client.call(request, over: stream)
        try await StandardStreams(stream: stream, hasTerminal: false).copyOutput()
        _ = try await result
    }

    /// An age as the moment it names; anything else as it is.
    static func moment(_ text: String) -> String {
        guard text.last?.isLetter == true, let age = DurationText.seconds(text) else { return text }
        return Timestamp(nanoseconds: Timestamp.now.nanoseconds - Int64(min(age, 4e9) * 1e9)).description
    }
}
