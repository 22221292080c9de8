import KenterClient
import KenterCompose

struct ComposeLogsCommand: Command {
    static let abstract = "Show what a project's containers have written."

    let engine: EngineOptions
    let compose: ComposeOptions
    let follow: Bool
    let tail: String
    let timestamps: Bool
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments, hasShortFile: false)
        follow = arguments.flag("follow", "f", "Go on until the last of them has ended for good.")
        tail = arguments.value("tail", "n", "value", "Only so many lines from the end of each, or all.") ?? "all"
        timestamps = arguments.flag("timestamps", "t", "Show the time of each line.")
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let project = try await compose.wholeProject()
        _ = try project.services(named: services)
        let count = try TailOption.lineCount(tail)
        let session = ComposeSession(client: try await engine.connect(), project: project)
        let logs = ComposeLogs(session, tail: count, timestamps: timestamps)
        if follow { try await logs.follow(services) } else { try await logs.show(services) }
    }
}
