import ChildProcess
import CLinux
import Glibc
import JSONRPC

/// The installed conmon, and how it is called.
struct ConmonCommand: Sendable {
    var path: String
    /// Whether it can leave out flushing the log to the disk when a container ends.
    var skipsLogFlush: Bool

    /// Fails with what to install.
    static func find() async throws(RuntimeError) -> ConmonCommand {
        guard let path = ChildProcess.find("conmon") else {
            throw RuntimeError(.failed, "conmon is not installed: install the package 'conmon'")
        }
        do {
            let answer = try await ChildProcess(path, ["--help"]).collect()
            let help = String(decoding: answer.standardOutput + answer.standardError, as: UTF8.self)
            return ConmonCommand(path: path, skipsLogFlush: help.contains("--no-sync-log"))
        } catch {
            throw RuntimeError(.failed, error.description)
        }
    }

    /// The process that makes a container and stays with it. `answer` becomes its descriptor 3, `errors` its 2.
    func process(
        paths: ContainerPaths, runtime: OCIRuntime, options: ContainerOptions, answer: Int32, errors: Int32
    ) -> ChildProcess {
        var arguments = [
            "--api-version", "1", "--cid", paths.id, "--cuuid", paths.id, "--name", paths.id,
            "--runtime", runtime.invocation.executable,
        ]
        arguments += runtime.invocation.arguments.map { "--runtime-arg=\($0)" }
        arguments += [
            "--bundle", paths.directory, "--container-pidfile", paths.processFile,
            "--conmon-pidfile", paths.monitorFile, "--exit-dir", paths.exitDirectory,
            "--persist-dir", paths.directory, "--socket-dir-path", paths.socketDirectory,
            "--log-path", "k8s-file:\(paths.log)", "--log-level", "error",
        ]
        if skipsLogFlush { arguments.append("--no-sync-log") }
        if let limit = options.logLimitBytes { arguments += ["--log-size-max", String(limit)] }
        if options.hasTerminal { arguments.append("--terminal") }
        if options.hasInput { arguments.append("--stdin") }
        if options.keepsInputOpen { arguments.append("--leave-stdin-open") }
        // Its working directory too: some versions leave the mark of an out-of-memory kill there.
        return ChildProcess(
            path, arguments, environment: ["PATH=\(ChildProcess.searchPath)", "_OCI_SYNCPIPE=3"],
            workingDirectory: paths.directory, descriptors: [2: errors, 3: answer], newSession: true)
    }
}

/// What conmon is to do with a container's streams.
package struct ContainerOptions: Sendable, Equatable {
    package var hasTerminal = false
    /// Whether the main process has an input to attach to; without, it reads the end at once.
    package var hasInput = false
    /// Whether the input stays open when a client that was attached goes away.
    package var keepsInputOpen = false
    /// Beyond this size the log starts anew; `nil` lets it grow.
    package var logLimitBytes: Int64?

    package init() {}
}

/// What conmon says on its sync pipe, once.
enum ConmonAnswer: Equatable {
    case created(pid: Int32)
    case failed(message: String)
    /// It ended or fell silent without a word.
    case nothing

    init(_ line: [UInt8]) {
        guard !line.isEmpty else {
            self = .nothing
            return
        }
        guard let object = try? JSONScanner.scan(line).object, let data = object["data"]?.integer else {
            // What it quotes need not be valid text: the raw line says more than a complaint about it.
            self = .failed(message: String(decoding: line, as: UTF8.self))
            return
        }
        if data > 0, let pid = Int32(exactly: data) {
            self = .created(pid: pid)
        } else {
            self = .failed(message: object["message"]?.string ?? "")
        }
    }

    /// Blocks until the line has come, the pipe is closed, or `milliseconds` have passed.
    static func read(_ descriptor: Int32, milliseconds: Int32) -> ConmonAnswer {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while line.last != UInt8(ascii: "\n"), line.count < 1 << 20 {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&polled, 1, milliseconds)
            if ready < 0 && errno == EINTR { continue }
            let count = ready > 0 ? Glibc.read(descriptor, &buffer, buffer.count) : 0
            guard count > 0 else { break }
            line.append(contentsOf: buffer[..<count])
        }
        return ConmonAnswer(line)
    }
}
