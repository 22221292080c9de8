import ChildProcess
import CLinux
import Glibc
public import JSONRPC
import Synchronization

/// The built engine, running in a network namespace and directories of its own.
///
/// ``with(images:configuration:arguments:_:)`` starts one, hands it to a test, removes what the test left, stops it and
/// checks that nothing of it stays on the host.
public final class TestEngine: Sendable {
    public let network: TestNetwork
    /// Short, since paths of Unix sockets are limited to 107 bytes.
    public let directory: String
    private let arguments: [String]
    private let crashes: Bool
    private let groups: String?
    private let process = Mutex<Int32>(0)
    private let knownInstance = Mutex<String?>(nil)

    public var root: String { "\(directory)/r" }
    public var runDirectory: String { "\(directory)/n" }
    public var socket: String { "\(runDirectory)/kenter.sock" }
    public var log: String { "\(directory)/log" }
    /// Where a test says at which moment the engine is to die, when it was started for that.
    public var crashPlan: String { "\(directory)/plan" }
    /// The engine's process id; 0 while it does not run.
    public var processIdentifier: Int32 { process.withLock { $0 } }

    /// Runs `body` with an engine that has the images loaded.
    ///
    /// - Parameters:
    ///   - images: names that Tests/Fixtures/images/load knows.
    ///   - configuration: the text of config.json.
    ///   - arguments: further arguments of `kenterd`.
    ///   - crashes: whether it dies when ``crashPlan`` says so.
    ///   - groups: the text of its /etc/group, when that is not to be the host's. Its mounts are its own then.
    ///   - prepare: called with the engine's directories, before it is started.
    @discardableResult
    public static func with<R: Sendable>(
        images: [String] = [], configuration: String? = nil, arguments: [String] = [], crashes: Bool = false,
        groups: String? = nil, prepare: (TestEngine) throws -> Void = { _ in }, _ body: (TestEngine) async throws -> R
    ) async throws -> R {
        await EngineSlots.shared.take()
        do {
            let engine = try await TestEngine(
                configuration: configuration, arguments: arguments, crashes: crashes, groups: groups)
            try prepare(engine)
            let result = try await engine.runThenRemove(images: images, body)
            await EngineSlots.shared.give()
            return result
        } catch {
            await EngineSlots.shared.give()
            throw error
        }
    }

    private init(configuration: String?, arguments: [String], crashes: Bool, groups: String?) async throws {
        let unique = String(UInt32.random(in: 0...0xffffff), radix: 16)
        directory = "/tmp/k\(unique)"
        self.arguments = arguments
        self.crashes = crashes
        self.groups = groups
        guard mkdir(directory, 0o700) == 0 else { throw CommandFailure("cannot make \(directory)") }
        mkdir("\(directory)/r", 0o700)
        if let configuration { try TextFile.write(configuration, to: "\(directory)/r/config.json") }
        network = try await TestNetwork.make("kenter-test-\(unique)")
    }

    private func runThenRemove<R: Sendable>(images: [String], _ body: (TestEngine) async throws -> R) async throws -> R
    {
        let result: R
        do {
            try await start()
            if !images.isEmpty { try await load(images) }
            result = try await body(self)
            try await removeContainers()
            try await expectNothingLeft(of: "its containers were removed")
            try await stop()
            try await expectNothingRunning()
            try expectDeclaredErrors()
        } catch {
            let reason = "\(error)\nengine log:\n\(logTail)"
            await removeAll()
            throw CommandFailure(reason)
        }
        await removeAll()
        return result
    }

    /// Throws where a method has failed with a kind of error that the reference does not name: debug builds say so.
    private func expectDeclaredErrors() throws {
        let undeclared = TextFile.read(log).split(separator: "\n").filter { $0.hasPrefix("undeclared error: ") }
        if let first = undeclared.first { throw CommandFailure("\(first) (name it in the method's 'Fails with')") }
    }

    /// Starts the engine and waits until its socket takes connections.
    public func start() async throws {
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let command = network.entering(
            try withGroups([BuildProducts.executable("kenterd"), "--root", root, "--run", runDirectory] + arguments))
        guard let tool = ChildProcess.find(command[0]) else { throw CommandFailure("\(command[0]) is not installed") }
        let started = try ChildProcess(
            tool, Array(command.dropFirst()),
            environment: ["PATH=\(ChildProcess.searchPath)", "HOME=\(directory)"]
                + (crashes ? ["KENTER_CRASH_PLAN=\(crashPlan)"] : []),
            descriptors: [1: descriptor, 2: descriptor], newSession: true
        ).spawn()
        process.withLock { $0 = started }
        var status: Int32 = 0
        var ended = false
        let answers = await eventually(within: .seconds(30)) {
            ended = waitpid(started, &status, WNOHANG) == started
            return ended || isListening
        }
        guard answers, !ended else {
            process.withLock { $0 = ended ? 0 : started }
            let reason = ended ? "ended with wait status \(status)" : "was not ready in time"
            throw CommandFailure("kenterd, which should open \(socket), \(reason)")
        }
    }

    /// A command in whose eyes the host has the groups that were asked for.
    private func withGroups(_ command: [String]) throws -> [String] {
        guard let groups else { return command }
        try TextFile.write(groups, to: "\(directory)/group")
        let script = #"mount --bind "$0" /etc/group && exec "$@""#
        return ["unshare", "--mount", "sh", "-c", script, "\(directory)/group"] + command
    }

    /// Whether the engine takes connections on its socket and, where it was told to, on TCP.
    private var isListening: Bool {
        if arguments.contains("--listen"), access("\(runDirectory)/tcp", F_OK) != 0 { return false }
        return (try? LineClient.unix(socket)) != nil  // Refused as long as nobody listens.
    }

    /// Asks the engine to end and waits until it has.
    public func stop() async throws {
        let status = await end(with: SIGTERM)
        guard status == .exited(0) else {
            throw CommandFailure("kenterd ended with \(String(describing: status)) after SIGTERM")
        }
    }

    /// Whether the engine has died by itself.
    public var hasEnded: Bool {
        process.withLock { process in
            var status: Int32 = 0
            guard process > 0, waitpid(process, &status, WNOHANG) == process else { return process == 0 }
            process = 0
            return true
        }
    }

    /// Kills the engine as a crash would.
    public func crash() async { _ = await end(with: SIGKILL) }

    private func end(with signal: Int32) async -> ExitStatus? {
        let running = process.withLock { process in
            defer { process = 0 }
            return process
        }
        guard running > 0 else { return nil }
        kill(running, signal)
        var status: Int32 = 0
        let ended = await eventually(within: .seconds(20)) { waitpid(running, &status, WNOHANG) != 0 }
        if !ended {
            kill(running, SIGKILL)
            waitpid(running, nil, 0)
            return nil
        }
        return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signaled(status & 0x7f)
    }
}

extension TestEngine {
    /// The environment in which `kenter` finds this engine.
    public var environment: [String] {
        ["PATH=\(ChildProcess.searchPath)", "HOME=\(directory)", "KENTER_HOST=unix://\(socket)"]
    }

    /// Runs `kenter` with these arguments.
    public func kenter(
        _ arguments: [String], input: String = "", environment extra: [String] = [],
        within deadline: Duration = .seconds(60)
    ) async throws -> CommandResult {
        try await Command.run(
            [BuildProducts.executable("kenter")] + arguments, input: Array(input.utf8),
            environment: environment + extra,
            workingDirectory: directory, within: deadline)
    }

    /// Runs `kenter` with these arguments, which must succeed, and returns its output without the last newline.
    @discardableResult
    public func kenter(_ arguments: String..., within deadline: Duration = .seconds(60)) async throws -> String {
        let result = try await kenter(arguments, within: deadline)
        guard result.exit == 0 else { throw CommandFailure(result.description) }
        return result.line
    }

    /// Runs a tool in the engine's network namespace, or outside at the other end of its wire.
    public func host(_ arguments: String..., outside: Bool = false) async throws -> CommandResult {
        try await Command.run(network.entering(outside: outside, arguments))
    }

    /// The object that `kenter inspect` shows.
    public func inspect(_ container: String) async throws -> JSONValue {
        try JSONValue(text: try await kenter("inspect", container))[0]
    }

    /// Imports images by the names that Tests/Fixtures/images/load knows.
    public func load(_ images: [String]) async throws {
        let result = try await Command.run(
            [BuildProducts.fixture("images/load"), BuildProducts.executable("kenter")] + images,
            environment: environment,
            within: .seconds(600))
        guard result.exit == 0 else { throw CommandFailure(result.description) }
    }

    /// The short id of the engine's root, which is in the names of host objects.
    func instance() async throws -> String {
        if let known = knownInstance.withLock({ $0 }) { return known }
        let found = try await query("SELECT value FROM settings WHERE name = 'instance'").first ?? ""
        knownInstance.withLock { $0 = found }
        return found
    }

    /// A raw connection to the engine's Unix socket.
    public func connect() throws -> LineClient { try LineClient.unix(socket) }

    /// The end of the engine's log.
    public var logTail: String { String(TextFile.read(log).suffix(4000)) }
}
