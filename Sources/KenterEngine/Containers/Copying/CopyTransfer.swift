import Glibc
import KenterProtocol
import Synchronization

/// Carries an archive between a client's stream and the process that packs or unpacks it.
struct CopyTransfer: Sendable {
    struct Outcome: Sendable {
        var exitCode: Int32
        var archiveBytes: Int64
        /// Whether it was ended because nothing moved.
        var wasIdle: Bool
        /// What the process said on standard error, at most 64 KiB.
        var said: String
    }

    let process: ExecutedProcess
    let stream: ClientStream
    let isInput: Bool
    /// For how long nothing may move.
    let idleLimit: Duration?
    private let progress = CopyProgress()

    init(process: ExecutedProcess, stream: ClientStream, isInput: Bool, idleLimit: Duration? = nil) {
        (self.process, self.stream, self.isInput, self.idleLimit) = (process, stream, isInput, idleLimit)
    }

    /// Returns when the process has ended, its output sent; ends it when the task is cancelled or the client gone.
    func run() async throws -> Outcome {
        try await withTaskCancellationHandler {
            try await carry()
        } onCancel: {
            process.send(signal: SIGKILL)
        }
    }

    private enum Part: Sendable {
        case taken(Int64)
        case sent(Int64, said: [UInt8])
        case watched(wasIdle: Bool)
    }

    private func carry() async throws -> Outcome {
        let outcome = await withTaskGroup(of: Part.self) { group -> Outcome? in
            group.addTask { .taken(await takeInput()) }
            group.addTask { await sendOutput() }
            if let idleLimit { group.addTask { .watched(wasIdle: await endIdle(after: idleLimit)) } }
            let exitCode = await process.exitCode()
            // What a process leaves that was killed is of no use; its client may never take it.
            if exitCode == nil || exitCode == 128 + SIGKILL { group.cancelAll() }
            var (takenBytes, sentBytes, said, wasIdle): (Int64, Int64, [UInt8], Bool) = (0, 0, [], false)
            for await part in group {
                switch part {
                case .taken(let bytes): takenBytes = bytes
                case .watched(let isIdle): wasIdle = isIdle
                case .sent(let bytes, let text):
                    (sentBytes, said) = (bytes, text)
                    group.cancelAll()
                }
            }
            guard let exitCode else { return nil }
            return Outcome(
                exitCode: exitCode, archiveBytes: isInput ? takenBytes : sentBytes, wasIdle: wasIdle,
                said: String(decoding: said, as: UTF8.self))
        }
        try Task.checkCancellation()
        guard let outcome else { throw CancellationError() }
        if outcome.exitCode == 0, !isInput { stream.sendEnd(of: .stdout) }
        return outcome
    }

    private func takeInput() async -> Int64 {
        var bytesTaken: Int64 = 0
        for await input in stream.input {
            switch input {
            case .bytes(let bytes):
                // What the process no longer takes is dropped: its answer is on the way.
                if isInput { await process.streams.send(bytes) }
                bytesTaken += Int64(bytes.count)
                progress.made()
                stream.grant(bytes.count)
            case .end: process.streams.finishInput()
            case .resize: break
            }
        }
        return bytesTaken
    }

    /// Ends the copy once nothing has moved for so long; false when it has ended before.
    private func endIdle(after limit: Duration) async -> Bool {
        var last = progress.count
        while true {
            do { try await Task.sleep(for: limit) } catch { return false }
            let count = progress.count
            guard count == last else {
                last = count
                continue
            }
            process.send(signal: SIGKILL)
            process.streams.takeRest()
            stream.close()
            return true
        }
    }

    private func sendOutput() async -> Part {
        var (bytes, said): (Int64, [UInt8]) = (0, [])
        while let chunk = await process.streams.next() {
            guard chunk.channel == .standardOutput else {
                said += chunk.bytes.prefix(max(0, 64 << 10 - said.count))
                continue
            }
            bytes += Int64(chunk.bytes.count)
            // Nobody is there any more to take the rest.
            if !(await stream.send(chunk.bytes, on: .stdout)) { process.send(signal: SIGKILL) }
            progress.made()
        }
        return .sent(bytes, said: said)
    }
}

/// Counts what a copy gets on by.
private final class CopyProgress: Sendable {
    private let steps = Atomic(0)

    var count: Int { steps.load(ordering: .relaxed) }

    func made() { steps.add(1, ordering: .relaxed) }
}
