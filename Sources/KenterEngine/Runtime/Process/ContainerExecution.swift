import CLinux
import ChildProcess
import Glibc
import JSONRPC
import Threads

/// A later process of a container, by `exec`. When nobody holds its streams any more it goes on without them.
package struct ExecutedProcess: Sendable {
    /// As the host numbers it.
    package let process: ProcessIdentity?
    package let streams: ProcessStreams
    private let status: Promise<ExitStatus>

    init(process: ProcessIdentity?, pump: StreamPump) {
        self.process = process
        streams = ProcessStreams(pump: pump)
        status = pump.exit
    }

    /// Waits for the exit code, 128 and the signal after a kill; `nil` when the task is cancelled.
    package func exitCode() async -> Int32? { await status.value()?.code }

    /// Sends it a signal; false when it has ended.
    @discardableResult
    package func send(signal: Int32) -> Bool { process?.send(signal: signal) ?? false }
}

extension ContainerRuntime {
    /// Runs another process in a running container, with the filter and, unless `isPrivileged`, the capabilities of its
    /// main process.
    ///
    /// It has its streams by plain pipes or a terminal; only a small supervisor stands between, which waits for it.
    /// Without `hasInput` it reads the end of input at once.
    package func execute(
        _ process: ContainerProcess, in id: String, hasInput: Bool, isPrivileged: Bool = false
    ) async throws(RuntimeError) -> ExecutedProcess {
        guard let command = process.arguments.first, !command.isEmpty else {
            throw RuntimeError(.refused, "no command specified")
        }
        let paths = paths(id)
        guard mainProcess(of: id) != nil, let names = SmallFile.readText(paths.capabilities) else {
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        if layout.isFrozen(group(id)) {
            throw RuntimeError(.refused, "container \(id) is paused, unpause the container before exec")
        }
        let capabilities =
            isPrivileged ? CapabilitySet.all : CapabilitySet(names: Set(names.split(separator: " ").map(String.init)))
        let name = "exec-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        let (specification, processFile) = ("\(paths.directory)/\(name).json", "\(paths.directory)/\(name).pid")
        defer {
            unlink(specification)
            unlink(processFile)
        }
        try SmallFile.write(
            RuntimeSpecification.process(process, capabilities: capabilities).bytes, to: specification)
        let arguments = ["exec", "--detach", "--pid-file", processFile, "--process", specification]
        let streams =
            process.hasTerminal
            ? try ExecutionStreams(
                terminalIn: "\(configuration.runDirectory)/terminals", name: name,
                columns: process.terminalColumns, rows: process.terminalRows)
            : try ExecutionStreams(hasInput: hasInput)
        let supervisor = runtime.supervised(arguments + streams.arguments + [id], processFile: processFile)
        switch await DetachedThread.run({ streams.run(supervisor) }) {
        case .failed(let message):
            throw RuntimeError(starting: command, action: "exec", runtimeSaid: message)
        case .started(let endpoint, let supervisor, let pid):
            let pump = StreamPump(endpoint, pid: supervisor)
            return ExecutedProcess(process: ProcessIdentity(running: pid), pump: pump)
        }
    }
}
