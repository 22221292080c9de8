import CLinux
import Glibc
import KenterProtocol
import Synchronization

/// Shows how far a long operation is, in one line that changes: on a terminal alone, and never where output is read.
final class ProgressDisplay: Sendable {
    private let isShown: Bool
    private let state = Mutex((message: "", hasLine: false))

    init(isQuiet: Bool) {
        isShown = !isQuiet && isatty(STDERR_FILENO) == 1
    }

    func show(_ value: Progress.Value) {
        guard isShown else { return }
        state.withLock { state in
            if let message = value.message { state.message = message }
            write("\(Self.clear)\(TerminalText.escaped(state.message))\(Self.amount(value))")
            state.hasLine = true
        }
    }

    /// Takes the line away again: what came of the operation is said by others.
    func finish() {
        state.withLock { state in
            if state.hasLine { write(Self.clear) }
            state.hasLine = false
        }
    }

    /// Back to the first column, and nothing of a longer line before is left.
    private static let clear = "\r\u{1b}[K"

    private func write(_ text: String) { Output.write(Array(text.utf8), to: STDERR_FILENO) }

    static func amount(_ value: Progress.Value) -> String {
        guard let done = value.done else { return "" }
        let isBytes = value.unit == "bytes"
        func number(_ number: Int) -> String { isBytes ? HumanText.size(bytes: Int64(number)) : "\(number)" }
        let total = value.total.map { "/\(number($0))" } ?? ""
        let unit = isBytes ? "" : value.unit.map { " \(TerminalText.escaped($0))" } ?? ""
        return " \(number(done))\(total)\(unit)"
    }
}
