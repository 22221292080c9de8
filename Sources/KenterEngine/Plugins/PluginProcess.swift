import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Synchronization

/// One run of a plugin: its process, or a connection to it, and the conversation.
final class PluginProcess: Sendable {
    static let stateLimitBytes = 16 << 10

    let plugin: String
    private let child: any PluginLife
    private let connection: Connection
    /// Kept open while the process runs: the interpreter of a script may open it at any time.
    private let executable: PluginExecutable?

    var pid: Int32 { child.pid }

    /// Starts the process; nothing has been said to it yet.
    ///
    /// - Parameters:
    ///   - stateDirectory: exists; the process starts in it.
    ///   - event: called on the connection's thread for each `plugin.event`; must not block.
    init(
        _ plugin: String, _ executable: PluginExecutable, stateDirectory: String, output: PluginOutput,
        event: @escaping @Sendable (PluginEvent) -> Void
    ) throws {
        let pipes = [Pipe(), Pipe(), Pipe()]
        let ours = [pipes[0].writing, pipes[1].reading, pipes[2].reading].map(Descriptor.init(owning:))
        let theirs = [pipes[0].reading, pipes[1].writing, pipes[2].writing].map(Descriptor.init(owning:))
        guard pipes.allSatisfy(\.isOpen) else { throw RPCError.system("start", executable.path, errno: EMFILE) }
        var process = ChildProcess(
            executable.runnablePath, [], environment: ["PATH=\(ChildProcess.searchPath)", "LANG=C.UTF-8"],
            workingDirectory: stateDirectory,
            descriptors: [0: theirs[0].number, 1: theirs[1].number, 2: theirs[2].number], newSession: true)
        process.programName = executable.path
        let pid: Int32
        do {
            // Closed on this side afterwards, so that the plugin's end is seen.
            pid = try withExtendedLifetime(theirs) { try process.spawn() }
        } catch let error as SpawnError {
            throw RPCError.system("start", executable.path, errno: error.errno)
        }

        let child = try PluginChild(pid: pid, output: output)
        let conversation = PluginConversation(
            output: output, event: event, violated: { child.kill(.violation($0)) },
            unheard: { child.endUnheard($0) })
        let channel = ByteChannel(reading: ours[1], writing: ours[0])
        let connection = Connection(channel, limits: .plugin, handler: conversation)
        connection.start()
        child.watch(standardError: ours[2], standardOutput: ours[1]) { connection.close() }
        self.plugin = plugin
        self.executable = executable
        self.child = child
        self.connection = connection
    }

    /// Connects to a plugin that was started elsewhere; nothing has been said to it yet.
    init(
        _ plugin: String, at address: PluginAddress, output: PluginOutput,
        event: @escaping @Sendable (PluginEvent) -> Void
    ) throws {
        let socket = Descriptor(owning: clinux_stream_socket(AF_INET))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &target) { target in
            target.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // A listener that takes nobody any more would hold this thread for minutes.
                clinux_connect(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size), 1000)
            }
        }
        guard status == 0 else {
            throw RPCError.system("connect to", "\(address)")
        }
        let remote = RemotePlugin()
        let conversation = PluginConversation(
            output: output, event: event, violated: { remote.kill(.violation($0)) }, hungUp: { remote.end() })
        let connection = Connection(ByteChannel(socket: socket), limits: .plugin, handler: conversation)
        remote.connect { connection.close() }
        connection.start()
        self.plugin = plugin
        self.connection = connection
        executable = nil
        child = remote
    }

    /// Calls the plugin and checks that the answer has the method's shape.
    ///
    /// Throws ``RPCError``: the plugin's own, with its text made safe and its name in the details; `pluginCrashed` when
    /// it dies first; `pluginProtocol` for an answer against the contract, which ends the plugin, and for a `state`
    /// over the limit, which does not; `timeout`; `cancelled`.
    func call<M: RPCMethod>(_ method: M, timeout: Duration) async throws -> M.Result {
        let params = try JSONValueEncoder().encodeObject(method)
        let deadline = ContinuousClock.now + timeout
        let answer: JSONObject
        do {
            let meta: JSONObject = ["timeoutMs": .integer(Self.milliseconds(timeout))]
            CrashPoint.reach("before \(M.name)", plugin: pid)
            answer = try await connection.call(M.name, params, meta: meta, timeout: timeout)
            CrashPoint.reach("after \(M.name)", plugin: pid)
        } catch let error as RPCError {
            if error == .connectionEnded, connection.hasEnded { throw await deathError(M.name, until: deadline) }
            // Kinds that the engine gives itself may come from a plugin too, but not after the engine has given up.
            let isOwn = error.kind == .cancelled || error.kind == .timeout && ContinuousClock.now >= deadline
            throw described(error.markedAsAnswer(!isOwn), M.name)
        }
        if CrashPoint.loses(M.name, of: pid) { throw await deathError(M.name, until: deadline) }
        if let bytes = answer["state"]?.object?.bytes.count, bytes > Self.stateLimitBytes {
            let text =
                "plugin '\(plugin)' answered \(M.name) with a state of \(bytes) bytes, over the limit of \(Self.stateLimitBytes)"
            throw RPCError(.pluginProtocol, text, details: ["plugin": .string(plugin)]).markedAsAnswer(true)
        }
        do {
            return try JSONValueDecoder().decode(M.Result.self, from: answer)
        } catch {
            end(.violation("answered \(M.name) with a wrong shape: \(LogText.escape("\(error)", limit: 256))"))
            throw await deathError(M.name, until: deadline)
        }
    }

    /// What a call gets whose conversation has ended: how the plugin ended, or, where that does not come by the
    /// deadline, `timeout`; `cancelled`.
    private func deathError(_ method: String, until deadline: ContinuousClock.Instant) async -> RPCError {
        let line = WaitingLine<PluginEnding>()
        let place = line.join()
        // Unstructured because neither deadline nor cancellation must wait for it; it ends with the process.
        Task { [child] in line.serveAll(await child.ending()) }
        let late = RPCError(.timeout, "plugin '\(plugin)' ends, but has not by the deadline of \(method)")
        let cancelled = RPCError(.cancelled, "\(method) was cancelled")
        do {
            let ending = try await line.wait(at: place, until: deadline, late: late, cancelled: cancelled)
            return ending.error(plugin: plugin, method: method)
        } catch {
            return error as? RPCError ?? late
        }
    }

    /// Ends the process by force; calls in flight fail with what the cause says.
    func end(_ cause: PluginEnding.Cause) {
        child.kill(cause)
        connection.close()
    }

    /// Lets the plugin finish: `plugin.shutdown`, which it has `deadline` to answer, then the end of its input, then, as
    /// long again after that, force.
    func finish(within deadline: Duration) async {
        child.expectEnd()
        let shutdown = PluginShutdown(deadlineMs: Int(Self.milliseconds(deadline)))
        // However it answers, or whether at all: its input ends, and past the deadline its life.
        _ = try? await call(shutdown, timeout: deadline)
        connection.finishWriting()
        // A plugin started elsewhere lives on: only the connection is ours to end.
        if child.pid == 0 { child.kill(.asked) }
        // Unstructured because the process may end long before it; it is cancelled right then.
        let timer = Task {
            try await Task.sleep(for: deadline)
            child.kill(.failure("did not exit within \(deadline) of the end of its input"))
        }
        defer { timer.cancel() }
        _ = await child.ending()
    }

    /// How it came to its end; `nil` while it runs.
    var ended: PluginEnding? { child.ended }

    /// Waits until the process is gone, which somebody else has to see to.
    func ending() async -> PluginEnding { await child.ending() }

    /// The plugin's error as the engine passes it on.
    private func described(_ error: RPCError, _ method: String) -> RPCError {
        var error = error
        error.details["plugin"] = .string(plugin)
        // By its code: a plugin need not send a kind with it.
        if error.kind.code == RPCError.Kind.methodNotFound.code {
            return RPCError(.unsupported, "plugin '\(plugin)' cannot do \(method)", details: error.details)
        }
        switch error.kind {
        case .timeout: error.message = "plugin '\(plugin)': \(LogText.escape(error.message, limit: 4096))"
        default: error.message = LogText.escape(error.message, limit: 4096)
        }
        return error
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
