/// Which of a process's outputs bytes come from.
package enum OutputChannel: Sendable, Equatable {
    case standardOutput
    case standardError
}

/// A piece of output.
package struct OutputChunk: Sendable, Equatable {
    package var channel: OutputChannel
    package var bytes: [UInt8]
}

/// The standard streams of a process in a container, main or later, by pipe, terminal or through conmon.
///
/// Output that is not taken stays in the pipe and in the end stops the process: nothing grows here. Letting go of the
/// last reference closes the streams.
package final class ProcessStreams: Sendable {
    private let pump: StreamPump

    init(pump: StreamPump) { self.pump = pump }
    deinit { pump.close() }

    /// The next piece of output; `nil` at the end, after ``close()``, or when the task is cancelled. One caller at a time.
    package func next() async -> OutputChunk? { await pump.output.next() }

    /// Sends bytes to the process's input, and returns once it has taken most of them; false when it takes no more.
    @discardableResult
    package func send(_ bytes: [UInt8]) async -> Bool { await pump.input.send(bytes) }

    /// Ends the process's input once all bytes are sent. A terminal has no end of input.
    package func finishInput() { pump.input.finish() }

    /// Sets the size of the process's terminal, where this holds one.
    package func resize(columns: UInt16, rows: UInt16) { pump.resize(columns: columns, rows: rows) }

    /// The process has ended: what it left in the pipes is taken now, however slow the reader, so that nobody else who
    /// writes to them has to wait.
    func takeRest() { pump.output.removeLimit() }

    /// Lets go of the streams; the process goes on.
    package func close() { pump.close() }
}
