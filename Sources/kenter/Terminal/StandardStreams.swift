import CLinux
import Glibc
import KenterClient
import KenterProtocol

/// Connects a stream of the engine with this process's standard input, output and error.
struct StandardStreams {
    let stream: EngineStream
    /// Whether the process at the other end has a terminal.
    let hasTerminal: Bool
    /// What is said when ctrl-p ctrl-q was typed.
    var farewell = "read escape sequence"

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

    /// Copies standard input until it ends, or the stream does. With a terminal, ctrl-p ctrl-q ends this process; whether
    /// the other one goes on is the engine's to know. Input that cannot be read ends this process, too, as the other one
    /// must not take what it has got for all.
    func copyInput() async {
        let reader = InputReader()
        var keys = DetachKeys()
        var endCount = 0
        while true {
            guard let bytes = await next(reader) else {
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
                Output.errorLine("\n\(farewell)")
                exit(0)
            }
        }
        if !hasTerminal { await stream.send([], isLast: true) }
    }

    private func next(_ reader: InputReader) async -> [UInt8]? {
        do {
            return try await reader.read()
        } catch {
            // A terminal that was hung up, or is another group's, and an input that was closed from the start have ended.
            if isatty(STDIN_FILENO) == 1 || [EBADF, EIO].contains(errno) { return nil }
            RawMode.leave()
            Output.errorLine("kenter: \(TerminalText.escaped(error.message ?? ""))")
            exit(error.status)
        }
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
