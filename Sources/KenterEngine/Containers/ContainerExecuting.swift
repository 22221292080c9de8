import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    func exec(_ params: ContainerExec, _ context: RequestContext) async throws -> ContainerExec.Result {
        let container = try find(params.container)
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
            let executed = try await execute(process, container, hasInput: params.stdin ?? false)
            let code = try await StreamBridge(stream, executed.streams).run { await executed.exitCode() }
            return ContainerExec.Result(exitCode: Int(code))
        }
    }

    private func execute(
        _ process: ContainerProcess, _ container: ContainerRecord, hasInput: Bool
    ) async throws -> ExecutedProcess {
        try await runtime.execute(process, in: container.id, hasInput: hasInput)
    }

    private func execProcess(_ params: ContainerExec, _ container: ContainerRecord) async throws -> ContainerProcess {
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
        process.workingDirectory = params.workdir ?? config.workdir
        guard process.workingDirectory.hasPrefix("/") else {
            throw RPCError(.invalidParams, "Cwd must be an absolute path")
        }
        return process
    }

    private func collect(
        _ params: ContainerExec, _ process: ContainerProcess, _ container: ContainerRecord
    ) async throws -> ContainerExec.Result {
        let executed = try await execute(process, container, hasInput: false)
        if params.detach == true {
            executed.streams.close()
            return ContainerExec.Result()
        }
        var (output, errors): ([UInt8], [UInt8]) = ([], [])
        let limit = 1 << 20
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

    func attach(_ params: ContainerAttach, _ context: RequestContext) async throws -> ContainerAttach.Result {
        let container = try find(params.container)
        return try await context.withStream(params.stream) { stream in
            let streams: ProcessStreams?
            if container.state.isRunning {
                streams = try runtime.attach(container.id)
            } else {
                streams = try await attachments.streams(of: container.id)
            }
            guard let streams else {
                try Task.checkCancellation()
                throw RPCError(.precondition, "container \(container.name) was not started")
            }
            let bridge = StreamBridge(stream, streams, takesInput: params.stdin ?? false) { columns, rows in
                // A terminal that is gone already needs no size.
                try? self.runtime.resize(container.id, columns: columns, rows: rows)
            }
            let code = try await bridge.run { try? await self.exitCode(of: container.id) }
            return ContainerAttach.Result(exitCode: Int(code))
        }
    }
}
