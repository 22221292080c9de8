import CLinux
import Glibc

/// A process to start: what runs, with which arguments, environment and descriptors.
///
/// Nothing is inherited but what is named here: every descriptor that is not in ``descriptors`` is closed in the child,
/// signals have their default action and none is blocked.
public struct ChildProcess: Sendable {
    /// An absolute path; no search through `PATH`.
    public var executable: String
    /// What the process is called in listings, its zeroth argument; `nil` is the executable's path.
    public var programName: String?
    /// The arguments after the program's own name.
    public var arguments: [String]
    /// `NAME=VALUE` entries: the whole environment.
    public var environment: [String]
    /// The directory it starts in; `nil` is the parent's.
    public var workingDirectory: String?
    /// Descriptor in the child → descriptor in this process. 0, 1 and 2 are `/dev/null` where missing.
    public var descriptors: [Int32: Int32]
    /// Whether it leads a session of its own (and so survives its parent's terminal).
    public var newSession: Bool

    public init(
        _ executable: String, _ arguments: [String], environment: [String] = ["PATH=\(ChildProcess.searchPath)"],
        workingDirectory: String? = nil, descriptors: [Int32: Int32] = [:], newSession: Bool = false
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.descriptors = descriptors
        self.newSession = newSession
    }

    /// Where system tools are looked for.
    public static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The first executable of that name in ``searchPath``; `nil` when the tool is not installed.
    public static func find(_ tool: String) -> String? {
        for directory in searchPath.split(separator: ":") {
            let path = "\(directory)/\(tool)"
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    /// Starts the process and returns its id; the caller must wait for it.
    public func spawn() throws(SpawnError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Copies above every target keep one dup2 from overwriting the source of another.
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        let firstFree = max(64, (descriptors.keys.max() ?? 0) + 1)
        for (target, source) in descriptors.sorted(by: { $0.key < $1.key }) {
            let copy = fcntl(source, F_DUPFD_CLOEXEC, firstFree)
            guard copy >= 0 else { throw SpawnError(executable: executable, errno: errno) }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, target)
        }
        for target: Int32 in 0...2 where descriptors[target] == nil {
            posix_spawn_file_actions_addopen(&actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0)
        }
        let highest = descriptors.keys.max() ?? 2
        for unused in stride(from: Int32(3), through: highest, by: 1) where descriptors[unused] == nil {
            posix_spawn_file_actions_addclose(&actions, unused)
        }
        clinux_spawn_close_from(&actions, max(3, highest + 1))
        if let workingDirectory { clinux_spawn_change_directory(&actions, workingDirectory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        if newSession { flags |= 0x80 }  // POSIX_SPAWN_SETSID
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: Int32 = 0
        let status = withCStrings([programName ?? executable] + arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&pid, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else { throw SpawnError(executable: executable, errno: status) }
        return pid
    }
}

/// Why a process could not be started.
public struct SpawnError: Error, CustomStringConvertible {
    public var executable: String
    public var errno: Int32
    public var description: String { "cannot start \(executable): \(String(cString: strerror(errno)))" }
}

/// How a process ended.
public enum ExitStatus: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)

    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signaled(signal)
    }

    /// The shell's number: the exit code, or 128 + the signal.
    public var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    /// Blocks until the child `pid` has ended; `nil` when there is no such child.
    public static func wait(for pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            if errno != EINTR { return nil }
        }
        return ExitStatus(waitStatus: status)
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
