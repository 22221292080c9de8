import CLinux
import ChildProcess
import Glibc
import JSONRPC
import KenterState
import Threads

extension ContainerRuntime {
    /// Makes the container with its main process waiting to be started, and returns that process.
    ///
    /// What an earlier run of the same id left is removed first, except its log. After an error nothing is left; the
    /// error's exit code is 127 or 126 when the command cannot be executed.
    package func create(
        _ id: String, _ container: ContainerSpecification, options: ContainerOptions = ContainerOptions()
    ) async throws(RuntimeError) -> ProcessIdentity {
        let document = try configurationDocument(id, container)
        if mainProcess(of: id) != nil { throw RuntimeError(.refused, "container \(id) is already running") }
        try await delete(id)
        do {
            let paths = paths(id)
            try SmallFile.makeDirectory(paths.directory)
            try SmallFile.makeDirectory(paths.logDirectory)
            try SmallFile.write(document.bytes, to: paths.configuration)
            let capabilities = try container.capabilities().sorted.joined(separator: " ")
            try SmallFile.write(Array(capabilities.utf8), to: paths.capabilities)
            var options = options
            options.hasTerminal = container.process.hasTerminal
            let answer = try await startMonitor(paths, options)
            return try accept(answer, id, container)
        } catch {
            await removeRemains(of: id)
            throw error
        }
    }

    /// Starts conmon and returns what it says.
    private func startMonitor(_ paths: ContainerPaths, _ options: ContainerOptions) async throws(RuntimeError)
        -> ConmonAnswer
    {
        let pipe = Pipe()
        guard pipe.isOpen else { throw SmallFile.failure("cannot make a pipe") }
        let errors = open(paths.monitorErrors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        let process = conmon.process(
            paths: paths, runtime: runtime, options: options, answer: pipe.writing, errors: errors)
        let pid: Int32
        do {
            defer {
                if errors >= 0 { close(errors) }
                close(pipe.writing)
            }
            pid = try process.spawn()
            CrashPoint.reach("while the process is made", tool: pid)
        } catch {
            close(pipe.reading)
            throw RuntimeError(.failed, error.description)
        }
        let answer = await DetachedThread.run {
            defer { close(pipe.reading) }
            // It leaves its real self behind as an orphan, whose id is in the file by now.
            _ = ExitStatus.wait(for: pid)
            return ConmonAnswer.read(pipe.reading, milliseconds: 60_000)
        }
        // It may have ended already, and then no longer shows what it was; its id in this fresh file is surely ours.
        if let monitor = processIdentifier(in: paths.monitorFile) { watcher.reap(monitor) }
        return answer
    }

    private func accept(_ answer: ConmonAnswer, _ id: String, _ container: ContainerSpecification)
        throws(RuntimeError) -> ProcessIdentity
    {
        let paths = paths(id)
        switch answer {
        case .created(let pid):
            guard let process = ProcessIdentity(running: pid), layout.contains(pid, in: group(id)) else {
                throw RuntimeError(.failed, "the main process of container \(id) ended before it was started")
            }
            try checkFilter(of: process, container)
            return process
        case .failed(let message):
            let command = container.process.arguments.first ?? ""
            throw RuntimeError(starting: command, action: "create", runtimeSaid: message)
        case .nothing:
            let errors = SmallFile.readText(paths.monitorErrors, limitBytes: 4096) ?? ""
            throw RuntimeError(starting: "", action: "create", runtimeSaid: "conmon gave no answer. \(errors)")
        }
    }

    /// Whatever became of the annotation with the compiled filter: no container starts unfiltered.
    private func checkFilter(of process: ProcessIdentity, _ container: ContainerSpecification) throws(RuntimeError) {
        guard container.isFiltered && !container.isPrivileged else { return }
        let status = SmallFile.readText("/proc/\(process.pid)/status") ?? ""
        let mode = status.split(separator: "\n").first { $0.hasPrefix("Seccomp:") }
        guard mode?.hasSuffix("2") == true else {
            throw RuntimeError(.failed, "\(runtimeDescription) did not install the filter of system calls")
        }
    }

    /// Starts the main process of a created container.
    package func start(_ id: String) async throws(RuntimeError) {
        if runtime.startsByFifo && releaseMainProcess(id) { return }
        try await runtime.run(["start", id], action: "start")
    }

    /// What `crun start` does, without its process: the main process waits on the other end of a pipe.
    private func releaseMainProcess(_ id: String) -> Bool {
        let path = "\(runtime.stateDirectory)/\(id)/exec.fifo"
        let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard unlink(path) == 0 else { return false }
        var zero: UInt8 = 0
        return write(descriptor, &zero, 1) == 1
    }

    /// Ends and removes all that runs of a container; its log stays. Does nothing when there is nothing.
    package func delete(_ id: String) async throws(RuntimeError) {
        await removeRemains(of: id)
        if let process = mainProcess(of: id) {
            throw RuntimeError(.failed, "process \(process.pid) of container \(id) cannot be ended")
        }
    }

    /// Removes a container's log.
    package func deleteLog(_ id: String) {
        SmallFile.removeDirectory(paths(id).logDirectory)
    }

    /// Every step is tried, whatever became of the ones before.
    private func removeRemains(of id: String) async {
        let paths = paths(id)
        if let process = mainProcess(of: id) {
            _ = process.send(signal: SIGKILL)
            await thaw(id)
            _ = await watcher.end(of: process.pid)
        }
        // conmon ends by itself once it has written the exit code.
        if let monitor = monitor(of: paths) { await endMonitor(monitor) }
        if access("\(runtime.stateDirectory)/\(id)", F_OK) == 0 {
            do {
                try await runtime.run(["delete", "--force", id], action: "delete")
            } catch {
                // The directory is what it would not delete; the steps below remove what it stands for.
                SmallFile.removeDirectory("\(runtime.stateDirectory)/\(id)")
            }
        }
        // With the host's process namespace, others outlive the main process.
        for process in layout.processes(in: group(id)).compactMap(ProcessIdentity.init(running:)) {
            if process.send(signal: SIGKILL) { _ = await watcher.end(of: process.pid) }
        }
        layout.remove(group(id))
        unlink(paths.socketLink)
        unlink(paths.exit)
        SmallFile.removeDirectory(paths.directory)
    }

    /// Waits up to two seconds for a monitor, then kills it: a stuck one must not outlive its container.
    private func endMonitor(_ pid: Int32) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await watcher.end(of: pid) }
            group.addTask {
                try? await Task.sleep(for: .seconds(2))  // Cancelled when the monitor was faster.
                return false
            }
            let hasEnded = await group.next() ?? false
            if !hasEnded { kill(pid, SIGKILL) }
            group.cancelAll()
        }
    }

    /// A conmon that serves this container; `nil` when the id in its file is nobody's or another's.
    func monitor(of paths: ContainerPaths) -> Int32? {
        guard let pid = processIdentifier(in: paths.monitorFile),
            let command = SmallFile.readText("/proc/\(pid)/cmdline"), command.contains(paths.directory)
        else { return nil }
        return pid
    }

    /// The main process, when it runs; its id alone proves nothing, its group does.
    func mainProcess(of id: String) -> ProcessIdentity? {
        guard let pid = processIdentifier(in: paths(id).processFile), let process = ProcessIdentity(running: pid),
            layout.contains(pid, in: group(id))
        else { return nil }
        return process
    }

    private func processIdentifier(in path: String) -> Int32? {
        SmallFile.readText(path, limitBytes: 32).flatMap { Int32($0.prefix { $0.isNumber }) }
    }
}
