import Dispatch
import Glibc
import Synchronization

/// The signals that end the engine.
///
/// They come through Dispatch: it lets the main thread take every signal, so that none can be waited for elsewhere.
struct Signals {
    private let sources: [any DispatchSourceSignal]

    /// Calls `body` at the first of them; a second one ends the process at once. Until this value is gone.
    init(whenAsked body: @escaping @Sendable () -> Void) {
        let asked = Asked()
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { asked.once(body) }
            source.resume()
            return source
        }
    }
}

/// Whether the engine was asked to end.
private final class Asked: Sendable {
    private let isAsked = Atomic(false)

    func once(_ body: () -> Void) {
        if isAsked.exchange(true, ordering: .relaxed) { _exit(1) }
        body()
    }
}
