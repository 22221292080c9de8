import Glibc
import Threads

/// The signals that end the engine, taken by a thread of their own.
///
/// They are held back from the first moment of the process, so that one which comes before the engine is ready is
/// neither lost nor deadly: it waits until somebody takes it.
struct Signals {
    private let numbers = [SIGTERM, SIGINT, SIGHUP]

    private var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// Holds the signals back. To be called by the main thread before there are others: each inherits it.
    init() {
        signal(SIGPIPE, SIG_IGN)
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `body` at the first of them, also one that has come already; a second one ends the process at once.
    func take(_ body: @escaping @Sendable () -> Void) {
        DetachedThread.start {
            var (set, number) = (set, Int32(0))
            while sigwait(&set, &number) != 0 {}
            body()
            while sigwait(&set, &number) != 0 {}
            _exit(1)
        }
    }
}
