import CLinux
import Glibc

/// A thread for calls that block: the concurrency pool has one thread a core, and none to spare for waiting.
public enum DetachedThread {
    /// Starts `body` on a thread of its own, with all signals blocked (they belong to the main thread).
    ///
    /// Where the system has no thread to give, `body` waits until it has one again: the caller never runs it, since it
    /// may block for ever, or leave a namespace.
    public static func start(stackBytes: Int = 256 * 1024, _ body: @escaping @Sendable () -> Void) {
        let standby = StandbyThread.shared
        let work = DetachedWork(stackBytes: stackBytes, run: body)
        if !work.start() { standby.take(work) }
    }

    /// Runs `body`, which may leave the process's namespaces or its working directory, and returns what it returns.
    ///
    /// Whoever goes on may need a new thread of the pool, which is made by the thread that says so and inherits all that
    /// this one has left: therefore a second one, which has left nothing, waits for the first and says it.
    public static func runApart<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await run {
            let outcome = Outcome<R>()
            start { outcome.finish(body()) }
            return outcome.wait()
        }
    }

    /// Runs `body` on a thread of its own and returns what it returns. It must leave the thread as it was: see
    /// ``runApart(_:)``.
    public static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }
}

/// What a thread is to do.
final class DetachedWork: Sendable {
    private let stackBytes: Int
    private let run: @Sendable () -> Void

    init(stackBytes: Int, run: @escaping @Sendable () -> Void) {
        self.stackBytes = stackBytes
        self.run = run
    }

    /// False when the system has no thread to give.
    func start() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<DetachedWork>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        if status != 0 { retained.release() }
        return status == 0
    }
}
