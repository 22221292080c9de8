import CLinux
import ChildProcess
import Glibc

/// The streams that a later process of a container starts with, and the call of the runtime that starts it.
struct ExecutionStreams: Sendable {
    enum Outcome: Sendable {
        case started(StreamPump.Endpoint)
        /// What the runtime said; the process never ran.
        case failed(message: String)
    }

    private var input = Pipe.none
    private var output = Pipe.none
    private var errors: Pipe
    /// The socket over which the runtime sends the terminal, and its path.
    private var listener: (descriptor: Int32, path: String)?

    /// Three pipes, two without input.
    init(hasInput: Bool) throws(RuntimeError) {
        if hasInput { input = Pipe() }
        output = Pipe()
        errors = Pipe()
        guard output.isOpen && errors.isOpen && (input.isOpen || !hasInput) else {
            let error = SmallFile.failure("cannot make a pipe")
            for pipe in [input, output, errors] { pipe.closeBoth() }
            throw error
        }
    }

    /// A terminal; the pipe for errors is the runtime's own.
    init(terminalIn directory: String, name: String) throws(RuntimeError) {
        errors = Pipe()
        let descriptor = LocalSocket.listenStream(at: name, in: directory)
        guard errors.isOpen && descriptor >= 0 else {
            let error = SmallFile.failure("cannot listen in \(directory)")
            errors.closeBoth()
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
        listener = (descriptor, "\(directory)/\(name)")
    }

    /// What the runtime is told of them.
    var arguments: [String] { listener.map { ["--tty", "--console-socket", $0.path] } ?? [] }

    /// Runs the runtime to its end; blocks.
    func run(_ runtime: ChildProcess) -> Outcome {
        var runtime = runtime
        runtime.descriptors = [2: errors.writing]
        if input.isOpen { runtime.descriptors[0] = input.reading }
        if output.isOpen { runtime.descriptors[1] = output.writing }
        let pid: Int32
        do {
            pid = try runtime.spawn()
        } catch {
            closeTheirs()
            closeOurs()
            return .failed(message: error.description)
        }
        closeTheirs()
        let terminal = listener.map { receiveTerminal(from: $0.descriptor, runtime: pid) }
        let status = ExitStatus.wait(for: pid)
        if let listener {
            close(listener.descriptor)
            unlink(listener.path)
        }
        guard status == .exited(0), terminal != -1 else {
            // Nobody else holds the other end: the process that would have inherited it never was.
            let said = SmallFile.readAll(errors.reading, limitBytes: 16_384) ?? []
            closeOurs()
            if let terminal, terminal >= 0 { close(terminal) }
            return .failed(message: String(decoding: said, as: UTF8.self))
        }
        guard let terminal else {
            return .started(.pipes(input: input.writing, output: output.reading, errors: errors.reading))
        }
        closeOurs()
        return .started(.terminal(terminal))
    }

    /// The master side of the terminal; -1 when the runtime ends without sending one.
    private func receiveTerminal(from listener: Int32, runtime: Int32) -> Int32 {
        let process = clinux_pidfd_open(runtime)
        defer { if process >= 0 { close(process) } }
        var polled = [
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, 2, 60_000) < 0 && errno == EINTR { continue }
        guard polled[0].revents != 0 else {
            if polled[1].revents == 0 { kill(runtime, SIGKILL) }
            return -1
        }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return -1 }
        defer { close(connection) }
        return clinux_receive_descriptor(connection)
    }

    private func closeTheirs() {
        for descriptor in [input.reading, output.writing, errors.writing] where descriptor >= 0 { close(descriptor) }
    }

    private func closeOurs() {
        for descriptor in [input.writing, output.reading, errors.reading] where descriptor >= 0 { close(descriptor) }
    }
}
