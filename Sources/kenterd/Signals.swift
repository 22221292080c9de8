import CLinux
import Glibc
import Threads

/// The signals that end the engine, taken by a thread of their own.
enum Signals {
    private static func asked() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }

    /// Blocks them in this thread and in those it starts; before any other thread is started.
    static func block() {
        var signals = asked()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `body` at the first of them; a second one ends the process at once.
    static func whenAsked(_ body: @escaping @Sendable () -> Void) {
        DetachedThread.start {
            var signals = asked()
            var number: Int32 = 0
            sigwait(&signals, &number)
            body()
            sigwait(&signals, &number)
            _exit(1)
        }
    }
}
