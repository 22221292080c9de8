import CLinux
import Glibc

/// Two connected sockets whose bytes are passed on to each other.
struct StreamPair {
    /// One way: what was read and not yet written.
    private struct Direction {
        var source: Int32
        var sink: Int32
        var pending: ArraySlice<UInt8> = []
        var sourceEnded = false
        var sinkEnded = false

        var isOver: Bool { sinkEnded }
        var wantsToRead: Bool { !sourceEnded && pending.isEmpty && !sinkEnded }
        var wantsToWrite: Bool { !pending.isEmpty && !sinkEnded }
    }

    private let first: Int32
    private let second: Int32

    init(_ first: Int32, _ second: Int32) {
        self.first = first
        self.second = second
    }

    /// Returns once both directions have ended; one that ends alone stays half-closed, as TCP has it.
    func pump() {
        var directions = [Direction(source: first, sink: second), Direction(source: second, sink: first)]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !directions.allSatisfy(\.isOver) {
            var polled = [first, second].enumerated().map { index, descriptor in
                let events =
                    (directions[index].wantsToRead ? POLLIN : 0) | (directions[1 - index].wantsToWrite ? POLLOUT : 0)
                // A descriptor without wishes would report a hang-up for ever.
                return pollfd(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
            }
            if poll(&polled, 2, -1) < 0 && errno != EINTR { return }
            for index in 0...1 where polled[index].revents != 0 {
                if directions[index].wantsToRead { Self.read(&directions[index], &buffer) }
            }
            for index in 0...1 where directions[index].wantsToWrite { Self.write(&directions[index]) }
            for index in 0...1 where directions[index].sourceEnded && directions[index].pending.isEmpty {
                if directions[index].sinkEnded { continue }
                shutdown(directions[index].sink, Int32(SHUT_WR))
                directions[index].sinkEnded = true
            }
        }
    }

    private static func read(_ direction: inout Direction, _ buffer: inout [UInt8]) {
        let count = recv(direction.source, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            direction.pending = buffer[..<count]
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            direction.sourceEnded = true
        }
    }

    private static func write(_ direction: inout Direction) {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = direction.pending.withUnsafeBytes { send(direction.sink, $0.baseAddress, $0.count, flags) }
        if count > 0 {
            direction.pending = direction.pending.dropFirst(count)
        } else if count < 0 && errno != EAGAIN && errno != EINTR {
            direction.pending = []
            direction.sourceEnded = true
            direction.sinkEnded = true
            shutdown(direction.source, Int32(SHUT_RD))
        }
    }
}
