import ArgumentParser
import CLinux
import Glibc
import KenterEngine
import Logging
import Threads

/// The engine as a process: flags → engine and its doors, until a signal ends it.
@main
struct Kenterd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kenterd",
        abstract: "The Kenter engine: containers and their links, over line-delimited JSON-RPC.",
        version: Engine.version)

    @Option(
        help: ArgumentHelp(
            "What lasts: state, images, volumes, logs (default for root: /var/lib/kenter).", valueName: "dir"))
    var root: String?

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "What dies with the host: sockets, namespaces (default for root: /run/kenter).", valueName: "dir"))
    var runDirectory: String?

    @Flag(help: "Speak on standard input and output, bridged to the engine that owns the root; starts one if need be.")
    var stdio = false

    @Option(
        help: ArgumentHelp("Listen on a loopback port too; callers show <run>/cookie.", valueName: "127.0.0.1:port"))
    var listen: String?

    @Option(help: ArgumentHelp("The Unix socket; <run>/kenter.sock where not given.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("The configuration; <root>/config.json where not given.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "A plugin, or a directory of plugins, besides those that came with the engine.", valueName: "path"))
    var plugins: [String] = []

    @Flag(help: .hidden)
    var endWhenIdle = false

    func validate() throws {
        if let listen { _ = try LoopbackAddress(listen) }
    }

    mutating func run() throws {
        let ending = EngineEnding()
        if !stdio { Signals().take { ending.request() } }
        let command = self
        guard MainThread.run({ await command.work(ending) }) else { throw ExitCode(1) }
    }

    private func work(_ ending: EngineEnding) async -> Bool {
        let layout = Installation(executable: Installation.ownPath)
        let directories = layout.directories(root: root, run: runDirectory, socket: socket)
        let socketPath = directories.socket
        do {
            if stdio {
                let bridge = StdioBridge(
                    socketPath: socketPath, directories: directories, takesAnyRoot: root == nil && socket != nil,
                    flags: engineFlags())
                try await bridge.run()
            } else {
                try await serve(layout, directories, socketPath, ending)
            }
            return true
        } catch {
            FileDescriptorOutput.standardError("kenterd: \(LogText.escape("\(error)"))\n")
            return false
        }
    }

    private func serve(
        _ layout: Installation, _ directories: EngineDirectories, _ socketPath: String, _ ending: EngineEnding
    ) async throws {
        let settings = try EngineConfiguration.read(config ?? directories.configuration)
        let level = Logger.Level(rawValue: settings.logLevel) ?? .notice
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return EscapedLog(handler)
        }
        let log = Logger(label: "kenterd")
        let engine = try await Engine(
            directories, settings, pluginPaths: layout.shippedPlugins + plugins, runtimeWrapper: layout.runtimeWrapper,
            ending: ending, log: log)
        let tcp = try listen.map { try LoopbackAddress($0) }.map { (host: $0.host, port: $0.port) }
        let address: String?
        do {
            address = try engine.listen(socket: socketPath, tcp: tcp, endsWhenIdle: endWhenIdle)
        } catch {
            await engine.shutdown()
            throw error
        }
        log.notice("ready", metadata: ["socket": "\(socketPath)", "tcp": "\(address ?? "-")"])
        await engine.waitForEnd()
        log.notice("ending; containers keep running")
        await engine.shutdown()
    }

    /// The flags of an engine that a bridge starts: this process's own, without the bridge.
    private func engineFlags() -> [String] {
        var flags = ["--end-when-idle"]
        for (flag, value) in [
            ("--root", root), ("--run", runDirectory), ("--socket", socket), ("--config", config), ("--listen", listen),
        ] {
            if let value { flags += [flag, value] }
        }
        for path in plugins { flags += ["--plugins", path] }
        return flags
    }
}

/// `127.0.0.1:7070`; the engine refuses what is not loopback.
struct LoopbackAddress {
    let host: String
    let port: UInt16

    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ValidationError("'\(text)' is no address such as 127.0.0.1:7070")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else {
            throw ValidationError(
                "the engine listens on loopback only, not on \(host): use 127.0.0.1 and tunnel with ssh")
        }
        (self.host, self.port) = (host, port)
    }
}
