import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    func exec(_ params: ContainerExec, _ context: RequestContext) async throws -> ContainerExec.Result {
        let container = try find(params.container)
        try Self.checkNotRestarting(container)
        guard container.state.isRunning else {
            throw RPCError(.conflict, "Container \(container.id) is not running")
        }
        guard container.state.status == .running else {
            throw RPCError(.conflict, "Container \(container.id) is paused, unpause the container before exec")
        }
        guard let program = params.command.first, !program.isEmpty else {
            throw RPCError(.invalidParams, "exec needs a command")
        }
        let process = try await execProcess(params, container)
        try note("container.exec", container)
        guard let name = params.stream else {
            return try await collect(params, process, container)
        }
        return try await context.withStream(name) { stream in
            let executed = try await execute(params, process, container, hasInput: params.stdin ?? false)
            let code = try await StreamBridge(stream, executed.streams).run { await executed.exitCode() }
            return ContainerExec.Result(exitCode: Int(code))
        }
    }

    private func execute(
        _ params: ContainerExec, _ process: ContainerProcess, _ container: ContainerRecord, hasInput: Bool
    ) async throws -> ExecutedProcess {
        try await runtime.execute(
            process, in: container.id, hasInput: hasInput, isPrivileged: params.privileged ?? false)
    }

    func execProcess(_ params: ContainerExec, _ container: ContainerRecord) async throws -> ContainerProcess {
        let config = container.definition.config
        let lookup = UserLookup(rootPath: directories.rootfs(container.id))
        let user = try lookup.resolve(params.user ?? config.user)
        for entry in params.env ?? [] where entry.isEmpty || entry.hasPrefix("=") {
            throw RPCError(.invalidParams, "invalid environment variable: \(entry)")
        }
        let assembly = EnvironmentAssembly(
            hostname: config.hostname, hasTerminal: params.tty ?? false,
            linkVariables: try await links.currentVariables(container), imageEnv: container.definition.imageEnv,
            ownEnv: container.definition.ownEnv, execEnv: params.env ?? [], home: user.home)
        var process = ContainerProcess(arguments: params.command, environment: assembly.assembled())
        try EnvironmentAssembly.checkSize(
            process.environment, arguments: params.command, container: container.name,
            stackLimitBytes: EnvironmentAssembly.stackLimitBytes)
        process.user = user
        process.hasTerminal = params.tty ?? false
        process.terminalColumns = try Self.terminalSize(params.columns, "columns", otherwise: process.terminalColumns)
        process.terminalRows = try Self.terminalSize(params.rows, "rows", otherwise: process.terminalRows)
        process.workingDirectory = try WorkingDirectory.check(params.workdir ?? config.workdir)
        guard process.workingDirectory.hasPrefix("/") else {
            throw RPCError(.invalidParams, "Cwd must be an absolute path")
        }
        return process
    }

    private static func terminalSize(_ size: Int?, _ name: String, otherwise: UInt16) throws(RPCError) -> UInt16 {
        guard let size else { return otherwise }
        guard (1...1000).contains(size) else {
            throw RPCError(.invalidParams, "\(name): \(size) is no size of a terminal: give 1 to 1000")
        }
        return UInt16(size)
    }

    private func collect(
        _ params: ContainerExec, _ process: ContainerProcess, _ container: ContainerRecord
    ) async throws -> ContainerExec.Result {
        let executed = try await execute(params, process, container, hasInput: false)
        if params.detach == true {
            executed.streams.close()
            return ContainerExec.Result()
        }
        var (output, errors): ([UInt8], [UInt8]) = ([], [])
        let limit = EngineLimitTable.collectedOutputBytes
        while let chunk = await executed.streams.next() {
            switch chunk.channel {
            case .standardOutput: output += chunk.bytes
            case .standardError: errors += chunk.bytes
            }
            if output.count + errors.count > limit {
                executed.send(signal: SIGKILL)
                throw RPCError(
                    .exhausted, "the output exceeds \(limit) bytes, the command was killed; ask for a 'stream' instead")
            }
        }
        try Task.checkCancellation()
        guard let code = await executed.exitCode() else { throw CancellationError() }
        return ContainerExec.Result(exitCode: Int(code), stdout: TextOrBytes(output), stderr: TextOrBytes(errors))
    }

    /// Joins the main process's streams; answers when that process has ended, also where another follows it.
    func attach(_ params: ContainerAttach, _ context: RequestContext) async throws -> ContainerAttach.Result {
        let container = try find(params.container)
        try Self.checkNotRestarting(container)
        let endings = exitCodes.count(of: container.id)
        return try await context.withStream(params.stream) { stream in
            let streams: ProcessStreams?
            if container.state.isRunning {
                streams = try runtime.attach(container.id)
            } else {
                let pending = try await attachments.streams(of: container.id) { !isWaitingForStart(container.id) }
                // Nothing pending: it has been started since, or never will be.
                streams = try pending ?? (isRunning(container.id) ? runtime.attach(container.id) : nil)
            }
            guard let streams else {
                try Task.checkCancellation()
                throw RPCError(.precondition, "container \(container.name) was not started")
            }
            let bridge = StreamBridge(stream, streams, takesInput: params.stdin ?? false) { columns, rows in
                // A terminal that is gone already needs no size.
                try? self.runtime.resize(container.id, columns: columns, rows: rows)
            }
            async let _ = runtime.takeRest(of: streams, afterEndOf: container.id)
            let code = try await bridge.run { try? await self.exitCode(of: container, after: endings) }
            return ContainerAttach.Result(exitCode: Int(code))
        }
    }

    private func isRunning(_ id: String) throws -> Bool {
        try store.read { try $0.container(id: id) }?.state.isRunning ?? false
    }

    /// Whether a start may still come; whoever cannot tell need not wait.
    private func isWaitingForStart(_ id: String) -> Bool {
        guard let container = try? store.read({ try $0.container(id: id) }) else { return false }  // Then it is gone.
        return !container.state.isRunning
    }

    private static func checkNotRestarting(_ container: ContainerRecord) throws(RPCError) {
        guard container.state.status == .restarting else { return }
        throw RPCError(
            .conflict, "Container \(container.id) is restarting, wait until the container is running")
    }

    /// Waits for an end that comes after those this engine had seen before.
    private func exitCode(of container: ContainerRecord, after endings: Int) async throws -> Int32 {
        let id = container.id
        let code: Int32 = try await conditions.wait(for: id) {
            if exitCodes.count(of: id) > endings { return exitCodes.code(of: id) }
            guard let state = try store.read({ try $0.container(id: id)?.state }) else { return 0 }
            // A start that failed is no end that would be recorded.
            return state.isRunning || state.isStarting ? nil : state.exitCode ?? 0
        }
        if container.definition.config.autoRemove { await removal(of: id) }
        return code
    }
}
