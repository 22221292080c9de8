import CLinux
import Glibc
import KenterClient
import KenterProtocol

/// Connects a stream of the engine with this process's standard input, output and error.
struct StandardStreams {
    let stream: EngineStream
    /// Whether the process at the other end has a terminal.
    let hasTerminal: Bool

    /// Docker's check: a terminal on that side is of no use to input from a file or pipe on this one.
    static func checkTerminal(wanted: Bool) throws(CommandFailure) {
        if wanted && !RawMode.isTerminal { throw CommandFailure("the input device is not a TTY") }
    }

    /// Copies what comes until the stream ends.
    func copyOutput() async throws {
        for try await chunk in stream {
            Output.write(chunk.bytes, to: chunk.channel == .stderr ? STDERR_FILENO : STDOUT_FILENO)
        }
    }

    /// Copies standard input until it ends, or the stream does. With a terminal, ctrl-p ctrl-q ends this process and
    /// leaves the other one running.
    func copyInput() async {
        let reader = InputReader()
        var keys = DetachKeys()
        var endCount = 0
        while true {
            guard let bytes = await reader.read() else {
                // ctrl-d, typed before the terminal was raw, is a key for the other one. A terminal that is gone ends
                // again and again.
                endCount += 1
                guard hasTerminal, RawMode.isTerminal, endCount < 4, await stream.send([0x04]) else { break }
                continue
            }
            guard hasTerminal, RawMode.isTerminal else {
                guard await stream.send(bytes) else { return }
                continue
            }
            switch keys.typed(bytes) {
            case .keep(let kept): guard kept.isEmpty ? true : await stream.send(kept) else { return }
            case .detach(let kept):
                await stream.send(kept)
                RawMode.leave()
                // The prompt of what was left stands in this line.
                Output.errorLine("\nread escape sequence")
                exit(0)
            }
        }
        if !hasTerminal { await stream.send([], isLast: true) }
    }

    /// Tells the size of the terminal now and whenever it changes.
    func followSize() {
        guard hasTerminal, let size = Self.size else { return }
        stream.resize(columns: size.columns, rows: size.rows)
        SignalPipe.handle([SIGWINCH]) { _ in
            if let size = Self.size { stream.resize(columns: size.columns, rows: size.rows) }
        }
    }

    /// Once more, for an engine whose terminal did not exist before.
    func repeatSize() {
        guard hasTerminal, let size = Self.size else { return }
        stream.resize(columns: size.columns, rows: size.rows)
    }

    static var size: (columns: Int, rows: Int)? {
        var (columns, rows): (UInt16, UInt16) = (0, 0)
        let hasSize = [STDIN_FILENO, STDOUT_FILENO].contains { clinux_terminal_size($0, &columns, &rows) == 0 }
        return hasSize && columns > 0 && rows > 0 ? (Int(columns), Int(rows)) : nil
    }
}
