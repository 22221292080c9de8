import CLinux
import Glibc
import Synchronization
import Threads

/// Reads a container's log in conmon's k8s-file format, from any point, following it as it grows.
///
/// Holds at most a few hundred kilobytes, however fast the container writes or slowly the reader takes. A log that
/// starts anew at its size limit is read on from its new beginning. Letting go of the last reference ends it.
package final class LogReader: Sendable {
    private let core: Core

    /// Starts to read; a log that does not exist is empty.
    package init(path: String, selection: LogSelection = LogSelection()) {
        let core = Core(path: path, selection: selection)
        self.core = core
        DetachedThread.start { core.run() }
    }

    deinit { core.close() }

    /// The next entry; `nil` at the end, after ``close()``, or when the task is cancelled. One caller at a time.
    package func next() async -> LogEntry? { await core.entries.next() }

    /// Nothing more will be written: what is there is read, then the end comes, where otherwise more would be awaited.
    package func finish() { core.finish() }

    /// Ends at once.
    package func close() { core.close() }

    private final class Core: Sendable {
        let entries: HandOff<LogEntry>
        private let path: String
        private let selection: LogSelection
        private let wakeup: Wakeup
        private let isClosed = Atomic(false)
        private let isFinished: Atomic<Bool>

        init(path: String, selection: LogSelection) {
            let wakeup = Wakeup()
            self.path = path
            self.selection = selection
            self.wakeup = wakeup
            isFinished = Atomic(!selection.follows)
            entries = HandOff(limit: 256 * 1024) { wakeup.signal() }
        }

        func finish() {
            isFinished.store(true, ordering: .releasing)
            wakeup.signal()
        }

        func close() {
            isClosed.store(true, ordering: .releasing)
            entries.finish(dropping: true)
            wakeup.signal()
        }

        func run() {
            defer { entries.finish() }
            let watch = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            defer { if watch >= 0 { Glibc.close(watch) } }
            if watch >= 0, let slash = path.lastIndex(of: "/") {
                // Of the directory: the log itself may be replaced by a new one.
                inotify_add_watch(
                    watch, String(path[..<slash]), UInt32(IN_MODIFY) | UInt32(IN_MOVED_TO) | UInt32(IN_CREATE))
            }
            var file = LogFile(path: path)
            defer { file?.close() }
            if let tail = selection.tail { file?.skip(toLast: tail) }
            while !isClosed.load(ordering: .acquiring) {
                // Looked at before reading: what was written before the end was told is read after it.
                let isLast = isFinished.load(ordering: .acquiring)
                guard readAll(&file) else { return }
                if let replaced = LogFile(path: path, unlessSameAs: file) {
                    file?.close()
                    file = replaced
                    continue
                }
                if isLast { return }
                wait(watch)
            }
        }

        /// Takes all there is; false when the reader wants no more.
        private func readAll(_ file: inout LogFile?) -> Bool {
            while file?.fill() == true {
                while let entry = file?.nextEntry() {
                    if let since = selection.since, entry.time < since { continue }
                    if let until = selection.until, entry.time >= until { return false }
                    while !entries.hasRoom {
                        if isClosed.load(ordering: .acquiring) { return false }
                        wait(-1)
                    }
                    entries.put(entry, cost: entry.bytes.count + 64)
                }
            }
            return true
        }

        private func wait(_ watch: Int32) {
            var polled = [
                pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watch, events: Int16(POLLIN), revents: 0),
            ]
            poll(&polled, 2, -1)
            if polled[0].revents != 0 { wakeup.clear() }
            var events = [UInt8](repeating: 0, count: 4096)
            if polled[1].revents != 0 { while read(watch, &events, events.count) > 0 { continue } }
        }
    }
}
