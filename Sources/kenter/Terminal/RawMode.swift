import CLinux
import Glibc
import Synchronization

/// The terminal on standard input, without line editing and signals: every key goes to the container.
enum RawMode {
    private static let original = Mutex<termios?>(nil)

    /// Whether standard input is a terminal.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Switches it on until the process exits, however it does.
    static func enter() {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        let isFirst = original.withLock { original in
            defer { original = settings }
            return original == nil
        }
        if isFirst { atexit { RawMode.leave() } }
        cfmakeraw(&settings)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }

    static func leave() {
        original.withLock { original in
            if var settings = original { tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
        }
    }
}
