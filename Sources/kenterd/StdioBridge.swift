import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterEngine
import KenterProtocol
import Synchronization
import Threads

/// Connects an editor's pipes to the engine that owns the root, and starts one where there is none.
///
/// Several editors share one engine, and none dies with another. Every line is parsed and written anew: nothing that the
/// engine would refuse passes, and standard output carries protocol only.
struct StdioBridge {
    let socketPath: String
    let directories: EngineDirectories
    /// Whether a socket was named and no root: whoever listens there is meant.
    let takesAnyRoot: Bool
    /// Flags of an engine to start.
    let flags: [String]

    private static let startSeconds = 30
    private static let startsMax = 3

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = try connectOrStart()
        let engine = Descriptor(owning: descriptor)
        if !takesAnyRoot { try checkOwner(engine.number) }
        let limits = try Self.limits(of: engine.number)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await DetachedThread.run { Self.carryRequests(to: engine.number, limits) } }
            group.addTask { await DetachedThread.run { Self.carryAnswers(from: engine.number, limits) } }
            await group.next()
            // Whichever side ended: the client's end lets the engine answer what is in flight; the engine's end is the end.
            await group.next()
        }
    }

    // MARK: finding an engine

    /// An engine that owns the root but takes no connection begins or ends: it is waited for, not competed with.
    private func connectOrStart() throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
        let log = "\(directories.root)/engine.log"
        var engine: Int32?
        var starts = 0
        while ContinuousClock.now < deadline {
            if let descriptor = try connect() { return descriptor }
            if let started = engine, waitpid(started, nil, WNOHANG) == started { engine = nil }
            if engine == nil, !EngineLock.isHeld(directories.lock) {
                // The one before may have ended because the root was another's at that moment.
                guard starts < Self.startsMax else {
                    throw BridgeError(
                        description: "the engine that was started for \(directories.root) ended at once: "
                            + Self.lastLine(of: log))
                }
                engine = try startEngine()
                starts += 1
            }
            usleep(10_000)
        }
        throw BridgeError(
            description: "the engine that was started for \(directories.root) does not answer; see \(log)")
    }

    /// At most the last 4 KiB of a log, from the last line on.
    private static func lastLine(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return "see \(path)" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let size = lseek(descriptor, 0, SEEK_END)
        let count = pread(descriptor, &bytes, bytes.count, max(0, size - off_t(bytes.count)))
        let lines = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n"))
        return lines.last.map { String(decoding: $0, as: UTF8.self) } ?? "see \(path)"
    }

    /// In a session of its own, so that it outlives the editor.
    private func startEngine() throws -> Int32 {
        try directories.makeOwn()
        let log = open(
            "\(directories.root)/engine.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { if log >= 0 { close(log) } }
        var environment = ["PATH=\(ChildProcess.searchPath)"]
        for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "LANG"] {
            if let value = getenv(name) { environment.append("\(name)=\(String(cString: value))") }
        }
        let engine = ChildProcess(
            Installation.ownPath, flags, environment: environment, workingDirectory: "/",
            descriptors: log >= 0 ? [2: log] : [:], newSession: true)
        return try engine.spawn()
    }

    /// `nil` where nobody listens. Fails for a socket of somebody else, who would be told all that the client says.
    private func connect() throws -> Int32? {
        var found = stat()
        if lstat(socketPath, &found) == 0, found.st_uid != geteuid(), found.st_uid != 0 {
            throw BridgeError(
                description:
                    "the socket \(socketPath) belongs to user \(found.st_uid): remove it, or name another --socket")
        }
        let descriptor = clinux_stream_socket(AF_UNIX)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(socketPath.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(descriptor)
            return nil
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if status == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    // MARK: carrying

    /// Who listens here, but has another root, is not the engine that was asked for.
    private func checkOwner(_ engine: Int32) throws {
        var (pid, uid, gid): (pid_t, uid_t, gid_t) = (0, 0, 0)
        guard clinux_peer_credentials(engine, &pid, &uid, &gid) == 0 else { return }
        let holder = EngineLock.holder(directories.lock)
        // Members of the group cannot look into the root.
        if holder == pid || (holder == nil && errno == EACCES) { return }
        throw BridgeError(
            description:
                "the engine at \(socketPath) (process \(pid)) has another root than \(directories.root): name its "
                + "--root, or another --run")
    }

    /// What the engine takes in a line, and what it may send in one: it was not started with this process's configuration
    /// where it ran before. Nobody else writes to it yet.
    private static func limits(of engine: Int32) throws -> EngineLimits.Result {
        let question = Message.request(Request(id: .integer(1), method: EngineLimits.name)).json.bytes + [10]
        FileDescriptorOutput.write(question, to: engine)
        var answer: [UInt8]?
        carry(from: engine, ConnectionLimits.client.lineBytes, ConnectionLimits.client.json) { line in
            answer = try? line.get()  // No JSON is no answer.
            return false
        }
        guard let answer, case .response(let response) = Message(try JSONScanner.scan(answer)) else {
            throw BridgeError(description: "the engine does not say what its limits are")
        }
        return try JSONValueDecoder().decode(EngineLimits.Result.self, from: try response.outcome.get())
    }

    private static func carryRequests(to engine: Int32, _ limits: EngineLimits.Result) {
        let json = JSONLimits(
            depth: limits.nestingDepth, tokens: limits.tokens, stringBytes: limits.stringBytes,
            numberBytes: limits.numberBytes)
        carry(from: 0, limits.lineBytesToEngine, json) { line in
            switch line {
            case .success(let bytes): FileDescriptorOutput.write(bytes, to: engine)
            case .failure(let refusal):
                writeToClient(Message.invalid(refusal, id: nil).json.bytes + [10])
            }
        }
        shutdown(engine, Int32(SHUT_WR))
    }

    private static let output = Mutex(())

    /// One whole line at a time, whichever side it comes from.
    @discardableResult
    private static func writeToClient(_ line: [UInt8]) -> Bool {
        output.withLock { _ in FileDescriptorOutput.write(line, to: 1) }
    }

    private static func carryAnswers(from engine: Int32, _ limits: EngineLimits.Result) {
        carry(from: engine, limits.lineBytesFromEngine, ConnectionLimits.client.json) { line in
            guard case .success(let bytes) = line else { return true }
            return writeToClient(bytes)
        }
        // The client may still be writing; nobody reads it any more, and a thread that waits for it cannot be woken.
        _exit(0)
    }

    /// Calls `body` with each line, parsed and written anew, until it returns false or the input ends.
    private static func carry(
        from descriptor: Int32, _ lineBytes: Int, _ json: JSONLimits, _ body: (Result<[UInt8], RPCError>) -> Bool
    ) {
        var framer = LineFramer(limitBytes: lineBytes)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count > 0 { framer.append(buffer[..<count]) }
            while let frame = framer.next() ?? (count <= 0 ? framer.finish() : nil) {
                guard body(rewritten(frame, lineBytes, json)) else { return }
            }
            if count <= 0 { return }
        }
    }

    private static func rewritten(
        _ frame: LineFramer.Frame, _ lineBytes: Int, _ json: JSONLimits
    ) -> Result<[UInt8], RPCError> {
        guard case .line(let bytes) = frame else {
            let text = "a line may have at most \(lineBytes) bytes; the rest of this one was dropped"
            return .failure(RPCError(.messageTooLarge, text))
        }
        do throws(JSONScanError) {
            return .success(try JSONScanner.scan(bytes, limits: json).bytes + [10])
        } catch {
            let kind: RPCError.Kind = error.reason == .overLimit ? .tooDeep : .parse
            return .failure(RPCError(kind, "the line is not valid JSON: \(error)"))
        }
    }
}

struct BridgeError: Error, CustomStringConvertible {
    let description: String
}
