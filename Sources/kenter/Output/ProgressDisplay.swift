import CLinux
import Glibc
import KenterProtocol
import Synchronization

/// Shows how far a long operation is: one line that changes on a terminal, else a line for each new step.
final class ProgressDisplay: Sendable {
    enum Destination: Int32, Sendable {
        case standardOutput = 1
        case standardError = 2
    }

    private struct State {
        var message = ""
        var hasLine = false
    }

    private let isQuiet: Bool
    private let descriptor: Int32
    private let isTerminal: Bool
    private let state = Mutex(State())

    init(isQuiet: Bool, descriptor: Destination) {
        self.isQuiet = isQuiet
        self.descriptor = descriptor.rawValue
        isTerminal = isatty(descriptor.rawValue) == 1
    }

    func show(_ value: Progress.Value) {
        if isQuiet { return }
        state.withLock { state in
            let isNew = value.message != nil && value.message != state.message
            if let message = value.message { state.message = message }
            let text = TerminalText.escaped(state.message)
            if isTerminal {
                // Cleared first: the line before may have been longer.
                write("\r\u{1b}[K\(text)\(Self.amount(value))")
                state.hasLine = true
            } else if isNew {
                write("\(text)\n")
            }
        }
    }

    /// Leaves the last state behind and goes to a new line.
    func finish() {
        state.withLock { state in
            if state.hasLine { write("\n") }
            state.hasLine = false
        }
    }

    private func write(_ text: String) { Output.write(Array(text.utf8), to: descriptor) }

    static func amount(_ value: Progress.Value) -> String {
        guard let done = value.done else { return "" }
        let isBytes = value.unit == "bytes"
        func number(_ number: Int) -> String { isBytes ? HumanText.size(bytes: Int64(number)) : "\(number)" }
        let total = value.total.map { "/\(number($0))" } ?? ""
        let unit = isBytes ? "" : value.unit.map { " \(TerminalText.escaped($0))" } ?? ""
        return " \(number(done))\(total)\(unit)"
    }
}
