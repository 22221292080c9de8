import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

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
        follow = arguments.flag("follow", "f", "Go on until they exit.")
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
        try await logs.show(services: services, follows: follow)
    }
}

/// The logs of several containers, each line with its container's name before it.
struct ComposeLogs: Sendable {
    private let client: EngineClient
    private let session: ComposeSession
    private let tail: Int?
    private let since: String?
    private let timestamps: Bool

    init(_ session: ComposeSession, tail: Int? = nil, since: String? = nil, timestamps: Bool = false) {
        self.session = session
        client = session.client
        self.tail = tail
        self.since = since
        self.timestamps = timestamps
    }

    /// - Parameter services: Their names; empty for all of them.
    func show(services: [String], follows: Bool) async throws {
        let order = session.project.services.map(\.name)
        let place = { (container: ContainerSummary) in
            order.firstIndex(of: container.labels[ComposeLabel.service] ?? "") ?? order.count
        }
        let containers = try await session.containers().filter { container in
            services.isEmpty || services.contains(container.labels[ComposeLabel.service] ?? "")
        }.sorted { place($0) < place($1) }
        let width = containers.map(\.name.count).max() ?? 0
        guard follows else {
            for container in containers { try await show(container, width, follows: false) }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for container in containers { group.addTask { try await show(container, width, follows: true) } }
            try await group.waitForAll()
        }
    }

    private func show(_ container: ContainerSummary, _ width: Int, follows: Bool) async throws {
        let stream = client.openStream()
        let request = ContainerLogs(
            container: container.id, follow: follows ? true : nil, tail: tail, since: since,
            timestamps: timestamps ? true : nil,
            stream: stream.id)
        async let result = client.call(request, over: stream)
        let padding = String(repeating: " ", count: width - container.name.count)
        var lines = PrefixedLines(prefix: "\(container.name)\(padding)  | ")
        for try await chunk in stream { Output.write(lines.take(chunk.bytes), to: 1) }
        Output.write(lines.end(), to: 1)
        _ = try await result
    }
}

/// Whole lines with something before each; a line in the making waits for its end.
struct PrefixedLines {
    private let prefix: [UInt8]
    private var rest: [UInt8] = []
    /// A line without end is shown in parts of this size.
    private static let limitBytes = 64 << 10

    init(prefix: String) {
        self.prefix = Array(prefix.utf8)
    }

    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            rest.append(byte)
            if byte == 10 || rest.count >= Self.limitBytes { output += end() }
        }
        return output
    }

    /// What is left, as a line.
    mutating func end() -> [UInt8] {
        if rest.isEmpty { return [] }
        defer { rest = [] }
        return prefix + rest + (rest.last == 10 ? [] : [10])
    }
}
