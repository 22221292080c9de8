import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol
import Synchronization

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

    /// Shows what they have written.
    ///
    /// - Parameter services: Their names; empty for all of them.
    func show(_ services: [String]) async throws {
        var outcomes = Outcomes()
        await outcomes.each(try await readings(of: services)) { reading in
            var reading = reading
            try await show(&reading, follows: false)
        }
        try outcomes.finish()
    }

    /// Shows what they write, through all of their restarts, until none of them is up any more. A log that cannot be read
    /// is told of and keeps nobody from the others; how its container fares still counts.
    ///
    /// - Parameter services: As above.
    func follow(_ services: [String]) async throws {
        let readings = try await readings(of: services)
        let running = RunningContainers(readings.map(\.id))
        let outcomes = try await withThrowingTaskGroup(of: Outcomes.self) { group in
            for reading in readings { group.addTask { try await follow(reading, running) } }
            return try await group.reduce(into: [Outcomes]()) { $0.append($1) }
        }
        for outcome in outcomes { try outcome.finish() }
    }

    private func follow(_ reading: Reading, _ running: RunningContainers) async throws -> Outcomes {
        var reading = reading
        var outcomes = Outcomes()
        var isReadable = true
        var wasUp = true
        // Whoever asks since a moment has started them then; else one that ended long ago is no news.
        var isNews = since != nil
        while true {
            let state = try await session.inspect(reading.id)?.state
            let isUp = state.map { ComposeSession.isUp($0.status) } ?? false
            // The engine's log ends with each run; after the last one there may be more than the last look has shown.
            if isReadable, state?.status == .running || state?.status == .paused || (wasUp && !isUp) {
                do {
                    try await show(&reading, follows: isUp)
                } catch let error as RPCError where error.kind != .cancelled {
                    isReadable = false
                    // An engine that is gone fails here, and is told of once.
                    let isThere = try await session.inspect(reading.id) != nil
                    if isThere { outcomes.report(error) }
                }
            }
            isNews = isNews || isUp
            if wasUp, !isUp, isNews, let code = state?.exitCode {
                Output.errorLine("\(TerminalText.escaped(reading.name)) exited with code \(code)")
            }
            guard running.note(reading.id, isUp: isUp) else { return outcomes }
            wasUp = isUp
            // Whether it is started again is seen by looking.
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    // MARK: reading

    /// One container's log, and how far it has been shown.
    private struct Reading {
        let id: String
        let name: String
        let prefix: String
        var position = LogPosition()
        var hasBegun = false
    }

    private func readings(of services: [String]) async throws -> [Reading] {
        let order = session.project.services.map(\.name)
        let place = { (container: ContainerSummary) in
            order.firstIndex(of: container.labels[ComposeLabel.service] ?? "") ?? order.count
        }
        let containers = try await session.containers().filter { container in
            services.isEmpty || services.contains(container.labels[ComposeLabel.service] ?? "")
        }.sorted { place($0) < place($1) }
        let width = containers.map(\.name.count).max() ?? 0
        return containers.map { container in
            let padding = String(repeating: " ", count: width - container.name.count)
            return Reading(id: container.id, name: container.name, prefix: "\(container.name)\(padding)  | ")
        }
    }

    private func show(_ reading: inout Reading, follows: Bool) async throws {
        let stream = client.openStream()
        let request = ContainerLogs(
            container: reading.id, follow: follows ? true : nil, tail: reading.hasBegun ? nil : tail,
            since: reading.position.time ?? since, timestamps: true, stream: stream.id)
        async let result = client.call(request, over: stream)
        let empty = PrefixedLines(prefix: reading.prefix)
        var lines = [StreamData.Channel.stdout: empty, .stderr: empty]
        reading.hasBegun = true
        reading.position.begin()
        for try await chunk in stream {
            let bytes = reading.position.take(chunk.bytes, on: chunk.channel, keepsTimes: timestamps)
            Output.write(lines[chunk.channel, default: empty].take(bytes), to: 1)
        }
        for channel in [StreamData.Channel.stdout, .stderr] {
            Output.write(lines[channel, default: empty].end(), to: 1)
        }
        _ = try await result
    }
}

/// Which containers are up, as those who follow them see it.
private final class RunningContainers: Sendable {
    private let ids: Mutex<Set<String>>

    init(_ ids: [String]) { self.ids = Mutex(Set(ids)) }

    /// Whether any container is up, once this is known.
    func note(_ id: String, isUp: Bool) -> Bool {
        ids.withLock { ids in
            if isUp { ids.insert(id) } else { ids.remove(id) }
            return !ids.isEmpty
        }
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
