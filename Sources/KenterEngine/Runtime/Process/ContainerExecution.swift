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
    /// Runs another process in a running container, with the capabilities and the filter of its main process.
    ///
    /// It is a child of this process in the end and has its streams by plain pipes or a terminal: no monitor stands
    /// between. Without `hasInput` it reads the end of input at once.
    package func execute(_ process: ContainerProcess, in id: String, hasInput: Bool) async throws(RuntimeError)
        -> ExecutedProcess
    {
        guard let command = process.arguments.first, !command.isEmpty else {
            throw RuntimeError(.refused, "no command specified")
        }
        let paths = paths(id)
        guard mainProcess(of: id) != nil, let names = SmallFile.readText(paths.capabilities) else {
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        let capabilities = CapabilitySet(names: Set(names.split(separator: " ").map(String.init)))
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
            ? try ExecutionStreams(terminalIn: "\(configuration.runDirectory)/terminals", name: name)
            : try ExecutionStreams(hasInput: hasInput)
        let outcome = await DetachedThread.run { [runtime] in
            streams.run(runtime.command(arguments + streams.arguments + [id]))
        }
        switch outcome {
        case .failed(let message):
            throw RuntimeError(starting: command, action: "exec", runtimeSaid: message)
        case .started(let endpoint):
            let pid = SmallFile.readText(processFile, limitBytes: 32).flatMap { Int32($0.prefix { $0.isNumber }) }
            guard let pid else {
                endpoint.close()
                throw RuntimeError(.failed, "OCI runtime exec failed: it named no process")
            }
            return ExecutedProcess(process: ProcessIdentity(running: pid), pump: StreamPump(endpoint, pid: pid))
        }
    }
}

extension StreamPump.Endpoint {
    /// Closes every descriptor, when no pump will.
    func close() {
        let descriptors =
            switch self {
            case .pipes(let input, let output, let errors): [input, output, errors]
            case .terminal(let descriptor), .packets(let descriptor): [descriptor]
            }
        for descriptor in descriptors where descriptor >= 0 { Glibc.close(descriptor) }
    }
}
