import CLinux
import Glibc
import Synchronization

/// Two directions of bytes over a socket or a pair of pipes, read by one blocking thread, written by any.
///
/// Descriptors stay in blocking mode: those of stdio are shared with whoever started this process.
public final class ByteChannel: Sendable {
    private let reading: Descriptor
    private let writing: Descriptor
    private let isSocket: Bool
    /// Readable once the channel is closed.
    private let wakeup: Descriptor
    /// Readable once the reader is to look around, see ``nudge()``.
    private let nudged: Descriptor
    private let isClosed = Atomic(false)
    /// When to look next whether a peer that has finished writing is there at all; `nil` before the first time.
    private let nextLook = Mutex<ContinuousClock.Instant?>(nil)
    private let released = Mutex<(@Sendable () -> Void)?>(nil)

    /// A socket, used in both directions.
    public init(socket: Descriptor) {
        reading = socket
        writing = socket
        isSocket = true
        wakeup = Descriptor(owning: clinux_eventfd())
        nudged = Descriptor(owning: clinux_eventfd())
    }

    /// Two pipes, terminals or files.
    public init(reading: Descriptor, writing: Descriptor) {
        self.reading = reading
        self.writing = writing
        isSocket = false
        wakeup = Descriptor(owning: clinux_eventfd())
        nudged = Descriptor(owning: clinux_eventfd())
    }

    deinit { released.withLock { $0 }?() }

    /// Has `body` called once nobody holds the channel any more, and with it its descriptors.
    public func whenReleased(_ body: @escaping @Sendable () -> Void) { released.withLock { $0 = body } }

    /// The descriptor that is read, for questions about the peer.
    public var descriptor: Int32 { reading.number }

    /// Reads what is there, waiting for at least one byte. 0 at the end, when closed, or after an error.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while !isClosed.load(ordering: .acquiring) {
            if !isSocket, !waitReadable() { continue }
            let count = Glibc.read(reading.number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR && errno != EAGAIN { return 0 }
        }
        return 0
    }

    /// Reads what is there, but waits no longer than `milliseconds`, or until nudged; `nil` when nothing came.
    ///
    /// - Parameter buffer: `nil` only waits.
    func read(into buffer: UnsafeMutableRawBufferPointer?, milliseconds: Int32) -> Int? {
        guard !isClosed.load(ordering: .acquiring) else { return 0 }
        // A negative number is passed over.
        var polled = [
            pollfd(fd: nudged.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: buffer == nil ? -1 : reading.number, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, 3, milliseconds) > 0 else { return nil }
        takeNudge(polled[0])
        if isClosed.load(ordering: .acquiring) { return 0 }
        guard let buffer, polled[2].revents != 0 else { return nil }
        return read(into: buffer)
    }

    /// Ends a wait of ``read(into:milliseconds:)``, or the next one.
    func nudge() {
        var one: UInt64 = 1
        _ = write(nudged.number, &one, 8)
    }

    private func takeNudge(_ polled: pollfd) {
        var count: UInt64 = 0
        if polled.revents != 0 { _ = Glibc.read(nudged.number, &count, 8) }
    }

    private func waitReadable() -> Bool {
        var polled = [
            pollfd(fd: reading.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&polled, 2, -1) > 0 && polled[0].revents != 0
    }

    /// Writes what goes without waiting; returns how many bytes went, -1 after an error.
    func writeNow(_ bytes: UnsafeRawBufferPointer) -> Int {
        if isSocket {
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            let count = send(writing.number, bytes.baseAddress, bytes.count, flags)
            return count >= 0 ? count : (errno == EAGAIN || errno == EINTR ? 0 : -1)
        }
        // A pipe that polls writable takes PIPE_BUF bytes at once.
        var polled = pollfd(fd: writing.number, events: Int16(POLLOUT), revents: 0)
        guard poll(&polled, 1, 0) == 1 else { return 0 }
        if polled.revents & Int16(POLLERR) != 0 { return -1 }
        let count = write(writing.number, bytes.baseAddress, min(bytes.count, Int(PIPE_BUF)))
        return count >= 0 ? count : (errno == EAGAIN || errno == EINTR ? 0 : -1)
    }

    /// Waits until bytes can be written; false after `milliseconds` in which the peer has taken nothing, or when closed.
    func waitWritable(milliseconds: Int32) -> Bool {
        var polled = [
            pollfd(fd: writing.number, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0),
        ]
        var left = milliseconds
        var untaken = clinux_untaken_bytes(writing.number)
        while left > 0 {
            let slice = min(left, 1000)
            let ready = poll(&polled, 2, slice)
            if ready < 0, errno == EINTR { continue }
            if ready != 0 { return ready > 0 && polled[0].revents != 0 }
            // A socket takes no more until much of what it holds is gone: a slow reader is one all the same.
            let now = clinux_untaken_bytes(writing.number)
            left = now < untaken ? milliseconds : left - slice
            untaken = now
        }
        return false
    }

    /// Waits until the peer is gone in both directions, for as long as `isWaiting`, which is asked again after each
    /// nudge; a pipe tells nothing of that.
    func waitForHangUp(while isWaiting: () -> Bool) -> Bool {
        while isSocket, isWaiting() { if isHungUp(within: 200) { return true } }
        return false
    }

    /// Whether the peer is known to be gone in both directions.
    var isHungUp: Bool { isHungUp(within: 0) }

    private func isHungUp(within milliseconds: Int32) -> Bool {
        if isClosed.load(ordering: .acquiring) { return true }
        guard isSocket else { return false }
        var polled = [
            // A socket whose peer has only finished writing polls neither.
            pollfd(fd: writing.number, events: 0, revents: 0),
            pollfd(fd: nudged.number, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&polled, 2, milliseconds) > 0 {
            takeNudge(polled[1])
            if polled[0].revents & Int16(POLLHUP | POLLERR) != 0 { return true }
        }
        return isAbandoned()
    }

    /// Whether a TCP peer, which looks the same from here when it has closed both directions as when it has only
    /// finished writing, has nobody left to read. For a peer that has finished writing.
    private func isAbandoned() -> Bool {
        let isDue = nextLook.withLock { next in
            if let due = next, due > .now { return false }
            // Where the question below cannot be asked, the kernel finds it out within minutes. No socket of TCP: fails.
            if next == nil { _ = clinux_tcp_keepalive(writing.number, 1, 5, 3) }
            next = .now + .seconds(1)
            return true
        }
        return isDue && clinux_tcp_peer_is_abandoned(writing.number) == 1
    }

    /// No more bytes will be written; the peer sees the end once it has read all.
    func finishWriting() {
        if isSocket {
            shutdown(writing.number, Int32(SHUT_WR))
            return
        }
        // Replaced rather than closed: the number stays ours, whoever may be about to write to it.
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard null >= 0 else { return }
        dup2(null, writing.number)
        _ = fcntl(writing.number, F_SETFD, FD_CLOEXEC)
        Glibc.close(null)
    }

    /// Ends both directions at once, and wakes whoever waits.
    public func close() {
        isClosed.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(wakeup.number, &one, 8)
        if isSocket { shutdown(reading.number, Int32(SHUT_RDWR)) }
    }
}
