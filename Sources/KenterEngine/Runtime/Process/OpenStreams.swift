import CLinux
import Glibc

/// The descriptors of a ``StreamPump`` that are still open, as its thread alone sees them.
struct OpenStreams {
    private enum Kind {
        case bytes
        case terminal
        case packets
    }

    private var input: Int32
    private var outputs: [(descriptor: Int32, channel: OutputChannel)]
    private let kind: Kind
    /// Whether input and output are one descriptor.
    private let isShared: Bool
    private var inputIsOpen: Bool
    /// Nobody has the terminal open: not yet, or no more. It is asked again after a while, as poll(2) would not wait.
    private(set) var isHungUp = false
    /// Whether anything has come.
    private(set) var hasRead = false
    private var buffer = [UInt8](repeating: 0, count: 32 * 1024 + 1)

    /// The largest packet that conmon takes whole.
    private static let packetBytes = 8 * 1024

    init(_ endpoint: StreamPump.Endpoint) {
        switch endpoint {
        case .pipes(let input, let output, let errors):
            self.input = input
            outputs = [(output, .standardOutput), (errors, .standardError)].filter { $0.0 >= 0 }
            (kind, isShared) = (.bytes, false)
        case .terminal(let descriptor):
            input = descriptor
            outputs = [(descriptor, .standardOutput)]
            (kind, isShared) = (.terminal, true)
        case .packets(let descriptor, _):
            input = descriptor
            outputs = [(descriptor, .standardOutput)]
            (kind, isShared) = (.packets, true)
        }
        inputIsOpen = input >= 0
        for descriptor in [input] + outputs.map(\.descriptor) where descriptor >= 0 {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        }
    }

    var hasOutput: Bool { !outputs.isEmpty }

    /// What to poll: one entry for each output, then one for the input.
    mutating func polled(wantsOutput: Bool, hasInput: Bool) -> [pollfd] {
        let wantsOutput = wantsOutput && !isHungUp
        isHungUp = false
        var polled = outputs.map { pollfd(fd: wantsOutput ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0) }
        // POLLERR of a pipe nobody reads comes without being asked for: ask only when there is something to write.
        let writes = inputIsOpen && hasInput
        polled.append(pollfd(fd: writes ? input : -1, events: Int16(POLLOUT), revents: 0))
        return polled
    }

    /// Reads once from every output that polled ready; one at its end is closed.
    mutating func read(_ polled: [pollfd], hasRoom: Bool, _ take: (OutputChunk) -> Void) {
        guard hasRoom else { return }
        for index in outputs.indices.reversed() where polled[index].revents != 0 {
            let (descriptor, channel) = outputs[index]
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                hasRead = true
                if let chunk = chunk(count: count, channel: channel) { take(chunk) }
            } else if count < 0 && errno == EIO && kind == .terminal {
                isHungUp = true
            } else if count < 0 && errno == ECONNRESET && kind == .packets {
                // conmon has left input unread. It is told once; what it had sent before can still be read.
                continue
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                close(at: index)
            }
        }
    }

    private func chunk(count: Int, channel: OutputChannel) -> OutputChunk? {
        guard kind == .packets else { return OutputChunk(channel: channel, bytes: Array(buffer[..<count])) }
        switch buffer[0] {
        case 2: return OutputChunk(channel: .standardOutput, bytes: Array(buffer[1..<count]))
        case 3: return OutputChunk(channel: .standardError, bytes: Array(buffer[1..<count]))
        default: return nil
        }
    }

    /// Writes once, if the input polled ready.
    mutating func write(_ polled: [pollfd], from buffer: InputBuffer) {
        guard inputIsOpen, polled[polled.count - 3].revents != 0 else { return }
        var isBroken = false
        buffer.drain(limit: kind == .packets ? Self.packetBytes : 64 * 1024) { bytes in
            let count = Glibc.write(input, bytes.baseAddress, bytes.count)
            if count < 0 && errno != EAGAIN && errno != EINTR { isBroken = true }
            return count
        }
        if isBroken {
            buffer.close()
            closeInput()
        }
    }

    /// Lets the process see the end of its input.
    mutating func endInput() {
        guard inputIsOpen else { return }
        if kind == .packets { shutdown(input, Int32(SHUT_WR)) }
        if !isShared { Glibc.close(input) }
        inputIsOpen = false
    }

    mutating func closeInput() {
        if inputIsOpen && !isShared { Glibc.close(input) }
        inputIsOpen = false
    }

    mutating func closeAll() {
        closeInput()
        for output in outputs { Glibc.close(output.descriptor) }
        outputs = []
    }

    private mutating func close(at index: Int) {
        if isShared { inputIsOpen = false }
        Glibc.close(outputs.remove(at: index).descriptor)
    }
}
