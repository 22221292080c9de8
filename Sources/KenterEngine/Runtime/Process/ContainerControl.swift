import CLinux
import Glibc
import Threads

extension ContainerRuntime {
    /// What there is of a container, without asking the runtime.
    package func inspect(_ id: String) -> ContainerObservation {
        if let process = mainProcess(of: id) {
            if access("\(runtime.stateDirectory)/\(id)/exec.fifo", F_OK) == 0 { return .created(process) }
            return layout.isFrozen(group(id)) ? .paused(process) : .running(process)
        }
        return ContainerExit(of: paths(id)).map { .exited($0) } ?? .gone
    }

    /// The containers that there is something of: an engine that starts compares them with what it knows.
    package func identifiers() -> [String] {
        SmallFile.names(in: "\(configuration.runDirectory)/containers").sorted()
    }

    /// Ends what an engine that died has left at work: calls of the runtime, and monitors that make a container, but not
    /// those of containers that run. Such a process may have been so slow, or halted, that no file tells of it yet.
    package func endLeftovers(exceptOf running: Set<String>) async {
        let prefix = "\(configuration.runDirectory)/containers/"
        await LeftoverProcesses.end { pid in
            let words = LeftoverProcesses.arguments(of: pid)
            // What supervises a process of a container lives as long as that.
            if words.contains("--supervise") { return false }
            if let place = words.firstIndex(of: "--root"), words[place...].dropFirst().first == runtime.stateDirectory {
                return true
            }
            guard let place = words.firstIndex(of: "--bundle"), place + 1 < words.count else { return false }
            let bundle = words[place + 1]
            return bundle.hasPrefix(prefix) && !running.contains(String(bundle.dropFirst(prefix.count)))
        }
    }

    /// Waits until the main process has ended and its output is in the log; `nil` when the task is cancelled, or when
    /// there is no such process and no exit code.
    package func exit(of id: String) async -> ContainerExit? {
        let paths = paths(id)
        if let monitor = monitor(of: paths), !(await watcher.end(of: monitor)) { return nil }
        if let exit = ContainerExit(of: paths) { return exit }
        // The monitor was killed: a main process without one can neither write nor be waited for.
        if let process = mainProcess(of: id) {
            _ = process.send(signal: SIGKILL)
            guard await watcher.end(of: process.pid) else { return nil }
            var status: Int32 = 0
            waitpid(process.pid, &status, WNOHANG)
        }
        // Both killed: the monitor's word would never come.
        guard !Task.isCancelled, access(paths.directory, F_OK) == 0 else { return nil }
        do {
            try SmallFile.write(Array("137".utf8), to: paths.exit)
        } catch {
            return nil
        }
        return ContainerExit(of: paths)
    }

    /// Sends a signal to the main process.
    package func send(_ signal: Int32, to id: String) async throws(RuntimeError) {
        guard let process = mainProcess(of: id), process.send(signal: signal) else {
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        if signal == SIGKILL { await thaw(id) }
    }

    /// Freezes every process of a running container.
    package func pause(_ id: String) async throws(RuntimeError) {
        try await runtime.run(["pause", id], action: "pause")
    }

    /// Lets a frozen container go on.
    package func resume(_ id: String) async throws(RuntimeError) {
        try await runtime.run(["resume", id], action: "resume")
    }

    /// Sets the limits of a container that runs; after an error those that it had hold.
    func limit(_ id: String, to resources: ContainerResources) async throws(RuntimeError) {
        // The kernel may take its time to find the memory that a lower limit frees.
        let outcome = await DetachedThread.run { () -> Result<Void, RuntimeError> in
            Result { () throws(RuntimeError) in try layout.limit(group(id), to: resources) }
        }
        try outcome.get()
    }

    /// Sets the limits of a container that runs to what they should be, as far as that goes.
    func restoreLimits(_ id: String, to resources: ContainerResources) async throws(RuntimeError) {
        let outcome = await DetachedThread.run { () -> Result<Void, RuntimeError> in
            Result { () throws(RuntimeError) in try layout.restore(group(id), to: resources) }
        }
        try outcome.get()
    }

    /// A frozen process does not even die: on a kill the container goes on, whatever the runtime says to it.
    func thaw(_ id: String) async {
        guard layout.isFrozen(group(id)) else { return }
        do {
            try await resume(id)
        } catch {
            // The process is gone then, which is what was wanted; if not, deleting the container says so.
        }
    }

    /// The ids of a container's processes, as the host numbers them.
    package func processes(of id: String) -> [Int32] { layout.processes(in: group(id)) }

    /// What all of a container's processes have used.
    func usage(of id: String) -> CgroupUsage { layout.usage(of: group(id)) }

    /// Sets the size of the main process's terminal.
    package func resize(_ id: String, columns: UInt16, rows: UInt16) throws(RuntimeError) {
        let descriptor = open(paths(id).control, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw RuntimeError(.notRunning, "container \(id) is not running") }
        defer { close(descriptor) }
        // conmon refuses numbers above 1000. One write of so few bytes goes whole or not at all.
        let line = Array("1 \(min(rows, 1000)) \(min(columns, 1000))\n".utf8)
        guard write(descriptor, line, line.count) == line.count else {
            throw SmallFile.failure("cannot resize the terminal of container \(id)")
        }
    }

    /// Takes what the main process leaves behind when it ends: its monitor waits for every reader, and a container whose
    /// reader is slow could not be stopped.
    func takeRest(of streams: ProcessStreams, afterEndOf id: String) async {
        if let process = mainProcess(of: id), !(await watcher.end(of: process.pid)) { return }
        streams.takeRest()
    }

    /// The streams of the main process. Attached before the start, nothing of its output is missed.
    package func attach(_ id: String) throws(RuntimeError) -> ProcessStreams {
        let log = LogMark(endOf: paths(id).log)
        let descriptor = LocalSocket.connectPackets(to: "attach", in: paths(id).directory)
        guard descriptor >= 0 else {
            guard errno != EAGAIN else {
                throw RuntimeError(
                    .failed,
                    "container \(id) takes no further client: one that is attached to it reads nothing; end that one")
            }
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        return ProcessStreams(pump: StreamPump(.packets(descriptor, log: log)))
    }
}
