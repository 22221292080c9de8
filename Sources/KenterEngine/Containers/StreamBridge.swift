import JSONRPC
import KenterProtocol

/// Carries bytes between a client's stream and a process's streams, until the process has ended.
struct StreamBridge: Sendable {
    private let client: ClientStream
    private let process: ProcessStreams
    private let takesInput: Bool
    private let resize: @Sendable (UInt16, UInt16) -> Void

    init(
        _ client: ClientStream, _ process: ProcessStreams, takesInput: Bool = true,
        resize: (@Sendable (UInt16, UInt16) -> Void)? = nil
    ) {
        self.client = client
        self.process = process
        self.takesInput = takesInput
        self.resize = resize ?? { process.resize(columns: $0, rows: $1) }
    }

    /// Returns the exit code once all output has been sent; throws when the task is cancelled or the client gone.
    func run(_ exitCode: @escaping @Sendable () async -> Int32?) async throws -> Int32 {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sendInput() }
            await sendOutput()
            // With the output at its end the process is as good as over; waiting for it is quick.
            let code = await exitCode()
            group.cancelAll()
            client.sendEnd(of: .stdout)
            try Task.checkCancellation()
            process.close()
            guard let code else { throw CancellationError() }
            return code
        }
    }

    private func sendOutput() async {
        while let chunk = await process.next() {
            let channel: StreamData.Channel = chunk.channel == .standardOutput ? .stdout : .stderr
            guard await client.send(chunk.bytes, on: channel) else { return }
        }
    }

    private func sendInput() async {
        for await input in client.input {
            if Task.isCancelled { return }
            switch input {
            case .bytes(let bytes):
                if takesInput { await process.send(bytes) }
                client.grant(bytes.count)
            case .end: if takesInput { process.finishInput() }
            case .resize(let columns, let rows): resize(columns, rows)
            }
        }
        // A client that writes no more has said so, on this stream as on all.
        if takesInput, !Task.isCancelled { process.finishInput() }
    }
}
