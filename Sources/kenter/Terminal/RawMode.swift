import CLinux
import Glibc
import Synchronization

/// The terminal on standard input, without line editing and signals: every key goes to the container.
enum RawMode {
    private static let original = Mutex<termios?>(nil)

    /// Whether standard input is a terminal.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Signals that end this process; keys such as ctrl-c are none while it is on.
    private static let ending: [Int32] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    /// Switches it on until the process exits, be it by a signal.
    static func enter() {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        let isFirst = original.withLock { original in
            // What is found the second time may be raw already.
            guard original == nil else { return false }
            original = settings
            return true
        }
        if isFirst {
            atexit { RawMode.leave() }
            SignalPipe.handle(ending) { exit(128 + $0) }
        }
        cfmakeraw(&settings)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }

    static func leave() {
        original.withLock { original in
            if var settings = original { tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
        }
    }
}
