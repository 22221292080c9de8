import ChildProcess
import Glibc
import Threads

/// `kenter-copy` at work on files of this machine: another executable, so that no other command carries what reads and
/// writes archives.
struct CopyTool: Sendable {
    private let child: RunningChild
    /// The end of its input or output that is this process's.
    private let descriptor: Int32
    private let ended: Task<CopyToolReport, Never>

    /// - Parameter verb: `pack` writes an archive of a path, `unpack` reads one.
    init(_ verb: String, _ options: [String], path: String) throws {
        let (data, errors) = (Pipe(), Pipe())
        guard data.isOpen, errors.isOpen else { throw CommandFailure("cannot make a pipe") }
        let isPacking = verb == "pack"
        var process = ChildProcess(
            try CompanionExecutable.path(of: "kenter-copy"), [verb, "--host"] + options + [path],
            environment: ["LANG=C.UTF-8"])
        process.descriptors = [isPacking ? 1 : 0: isPacking ? data.writing : data.reading, 2: errors.writing]
        let pid = try process.spawn()
        close(isPacking ? data.writing : data.reading)
        close(errors.writing)
        signal(SIGPIPE, SIG_IGN)
        descriptor = isPacking ? data.reading : data.writing
        let (child, said) = (RunningChild(pid), errors.reading)
        self.child = child
        // Unstructured because what it says is taken from the beginning; awaited by whoever waits for its end.
        ended = Task.immediate {
            await DetachedThread.run {
                let text = Self.readAll(said)
                return CopyToolReport(verb: verb, said: text, status: child.wait())
            }
        }
    }

    /// The next piece of the archive; `nil` at the end.
    func read() async throws(CommandFailure) -> [UInt8]? {
        try await InputReader(descriptor: descriptor, name: "what kenter-copy writes", chunkBytes: 256 << 10).read()
    }

    /// Gives it a piece of an archive; false when it takes no more.
    func write(_ bytes: [UInt8]) async -> Bool {
        await DetachedThread.run { [descriptor] in
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    func endInput() { close(descriptor) }

    func kill() { child.kill() }

    /// Waits until it has ended.
    func end() async -> CopyToolReport { await ended.value }

    private static func readAll(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<min(count, max(0, 64 << 10 - bytes.count))]
        }
    }
}

/// What the tool says when it has ended.
struct CopyToolReport: Sendable {
    private(set) var skipped: [String] = []
    private var kind = ""
    private var text = ""
    private let verb: String
    private let status: ExitStatus

    init(verb: String, said: String, status: ExitStatus) {
        (self.verb, self.status) = (verb, status)
        for line in said.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let rest = words.count > 1 ? words[1] : ""
            if words[0] == "note" { skipped.append(rest) } else { (kind, text) = (words[0], rest) }
        }
    }

    /// This report if all went well; else why not, in Docker's words where Docker has some.
    func checked(_ path: String) throws(CommandFailure) -> CopyToolReport {
        guard status != .exited(0) else { return self }
        switch kind {
        case "missing" where verb == "pack": throw CommandFailure("lstat \(text): no such file or directory")
        case "missing": throw CommandFailure("invalid output path: directory \"\(text)\" does not exist")
        case "notDirectory": throw CommandFailure("\(text): not a directory")
        case "": throw CommandFailure("kenter-copy ended without saying why, at \(path)")
        default: throw CommandFailure(text)
        }
    }
}
