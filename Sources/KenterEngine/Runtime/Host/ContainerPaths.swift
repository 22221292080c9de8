/// Where a container's files lie. What dies with the machine is below the run directory; its log is not.
struct ContainerPaths: Sendable {
    var id: String
    var runDirectory: String
    var rootDirectory: String

    /// The OCI bundle: configuration (with its environment, hence private and never on a disk), pid files, sockets.
    var directory: String { "\(runDirectory)/containers/\(id)" }
    var configuration: String { "\(directory)/config.json" }
    /// The id of the main process, written by the runtime.
    var processFile: String { "\(directory)/pid" }
    /// The id of its conmon.
    var monitorFile: String { "\(directory)/conmon.pid" }
    var monitorErrors: String { "\(directory)/conmon.err" }
    /// The capabilities that later processes get too, separated by spaces.
    var capabilities: String { "\(directory)/capabilities" }
    /// There once the kernel killed one of its processes for want of memory.
    var outOfMemory: String { "\(directory)/oom" }
    /// Resizes of the terminal go here.
    var control: String { "\(directory)/ctl" }

    var exitDirectory: String { "\(runDirectory)/exits" }
    /// The main process's exit code, written by conmon once all output is in the log.
    var exit: String { "\(exitDirectory)/\(id)" }
    /// conmon makes a link `<id>` to the bundle here, for clients that cannot name longer sockets.
    var socketDirectory: String { "\(runDirectory)/attach" }
    var socketLink: String { "\(socketDirectory)/\(id)" }

    var logDirectory: String { "\(rootDirectory)/containers/\(id)" }
    var log: String { "\(logDirectory)/container.log" }
}
