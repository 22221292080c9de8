import CLinux
import ChildProcess
import Glibc

extension ContainerRuntime {
    /// What a container's files are seen through: an open descriptor, the caller's to close.
    enum FileView: Sendable {
        /// The mount namespace of a running container.
        case namespace(Int32)
        /// The root directory of one that does not run, with everything mounted in it.
        case root(Int32)

        var descriptor: Int32 {
            switch self {
            case .namespace(let descriptor), .root(let descriptor): descriptor
            }
        }

        fileprivate var option: String {
            switch self {
            case .namespace: "--namespace"
            case .root: "--root"
            }
        }
    }

    /// The mounts of a running container, whatever its processes do meanwhile.
    func mountNamespace(of id: String) throws(RuntimeError) -> FileView {
        guard let process = mainProcess(of: id) else {
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        let descriptor = open("/proc/\(process.pid)/ns/mnt", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SmallFile.failure("cannot open the mounts of container \(id)") }
        // Only now is it clear that they are those of the right process.
        guard process.isAlive else {
            close(descriptor)
            throw RuntimeError(.notRunning, "container \(id) is not running")
        }
        return .namespace(descriptor)
    }

    /// Starts `kenter-copy`, which confines itself to the container's files: neither this process nor a tool of the host
    /// ever opens a path in them.
    func copy(_ verb: String, _ options: [String], path: String, in view: FileView) throws(RuntimeError)
        -> ExecutedProcess
    {
        let pipes = [Pipe(), Pipe(), Pipe()]
        guard pipes.allSatisfy(\.isOpen) else {
            let error = SmallFile.failure("cannot make a pipe")
            for pipe in pipes { pipe.closeBoth() }
            throw error
        }
        // Bound and without a handler for crashes: nothing is loaded or started once the files are the container's.
        let process = ChildProcess(
            copierPath, [verb, view.option] + options + [path],
            environment: ["LANG=C.UTF-8", "LD_BIND_NOW=1", "SWIFT_BACKTRACE=enable=no", "TZ=UTC0"],
            descriptors: [0: pipes[0].reading, 1: pipes[1].writing, 2: pipes[2].writing, 3: view.descriptor])
        let pid: Int32
        do {
            pid = try process.spawn()
        } catch {
            for pipe in pipes { pipe.closeBoth() }
            throw RuntimeError(.failed, error.description)
        }
        close(pipes[0].reading)
        close(pipes[1].writing)
        close(pipes[2].writing)
        let pump = StreamPump(
            .pipes(input: pipes[0].writing, output: pipes[1].reading, errors: pipes[2].reading), pid: pid)
        return ExecutedProcess(process: ProcessIdentity(running: pid), pump: pump)
    }

    /// Beside the other executable that comes with the engine.
    private var copierPath: String {
        let path = configuration.wrapperPath
        return (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + "kenter-copy"
    }
}
