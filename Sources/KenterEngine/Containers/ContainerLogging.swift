import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    /// What a container has written: sent to a stream as it comes, or collected.
    func logs(_ params: ContainerLogs, _ context: RequestContext) async throws -> ContainerLogs.Result {
        let container = try find(params.container)
        var selection = LogSelection()
        if let tail = params.tail, tail >= 0 { selection.tail = tail }
        selection.since = try params.since.map(Self.moment)
        selection.follows = params.follow ?? false
        if selection.follows, params.stream == nil {
            throw RPCError(.invalidParams, "'follow' needs a 'stream' to send to")
        }
        let reader = LogReader(path: runtime.log(of: container.id), selection: selection)
        defer { reader.close() }
        var result = ContainerLogs.Result()
        if let name = params.stream {
            try await context.withStream(name) { try await send(reader, params, container, $0) }
        } else {
            result = try await collect(reader, params)
        }
        // One that was removed meanwhile has said all.
        result.exitCode = try store.read { try $0.container(id: container.id)?.state.exitCode }.map(Int.init)
        return result
    }

    /// RFC 3339, or seconds since 1970.
    private static func moment(_ text: String) throws -> Timestamp {
        if let timestamp = Timestamp(text) { return timestamp }
        if let seconds = Double(text), seconds.magnitude < 9e9 { return Timestamp(nanoseconds: Int64(seconds * 1e9)) }
        throw RPCError(
            .invalidParams, "'since' must be a time like 2026-11-24T02:39:41Z or seconds since 1970, not '\(text)'")
    }

    private func send(
        _ reader: LogReader, _ params: ContainerLogs, _ container: ContainerRecord, _ stream: ClientStream
    ) async throws {
        await withThrowingTaskGroup(of: Void.self) { group in
            if params.follow == true {
                group.addTask {
                    // Returns when there is nothing more to follow, whatever the exit code.
                    if container.state.status != .created || container.state.isStarting {
                        _ = try await self.conditions.wait(for: container.id) {
                            try self.store.read { try $0.container(id: container.id) }?.state.isRunning == true
                                ? nil : true
                        }
                    } else {
                        _ = try await self.exitCode(of: container.id)
                    }
                    reader.finish()
                }
            }
            var stamper = LogStamper(isOn: params.timestamps ?? false)
            while let entry = await reader.next() {
                let channel: StreamData.Channel = entry.channel == .standardOutput ? .stdout : .stderr
                guard await stream.send(stamper.text(entry), on: channel) else { break }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
        stream.sendEnd(of: .stdout)
    }

    private func collect(_ reader: LogReader, _ params: ContainerLogs) async throws -> ContainerLogs.Result {
        var (output, errors): ([UInt8], [UInt8]) = ([], [])
        var stamper = LogStamper(isOn: params.timestamps ?? false)
        while let entry = await reader.next() {
            let text = stamper.text(entry)
            if entry.channel == .standardOutput { output += text } else { errors += text }
            if output.count + errors.count > EngineLimitTable.collectedOutputBytes {
                throw RPCError(
                    .exhausted,
                    "the log exceeds \(EngineLimitTable.collectedOutputBytes) bytes; ask for a 'tail', or for a 'stream'"
                )
            }
        }
        return ContainerLogs.Result(stdout: TextOrBytes(output), stderr: TextOrBytes(errors))
    }
}

/// Puts the time before each line, where that is wanted.
private struct LogStamper {
    let isOn: Bool
    /// Channels that are in the middle of a line.
    private var open: [OutputChannel] = []

    init(isOn: Bool) { self.isOn = isOn }

    mutating func text(_ entry: LogEntry) -> [UInt8] {
        guard isOn else { return entry.bytes }
        let continues = open.contains(entry.channel)
        open.removeAll { $0 == entry.channel }
        if !entry.endsLine { open.append(entry.channel) }
        return (continues ? [] : Array("\(entry.time) ".utf8)) + entry.bytes
    }
}
