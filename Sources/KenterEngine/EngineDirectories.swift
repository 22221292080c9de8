import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Where the engine's files lie.
package struct EngineDirectories: Sendable {
    /// What lasts: state, images, volumes, logs.
    package let root: String
    /// What dies with the host: sockets, namespaces, exit codes.
    package let run: String
    /// The Unix socket on which the engine listens.
    package let socket: String

    /// - Parameter socket: `kenter.sock` in the run directory where not given.
    package init(root: String, run: String, socket: String? = nil) {
        self.root = root
        self.run = run
        self.socket = socket ?? "\(run)/kenter.sock"
    }

    /// Whoever can change one of these is as good as the engine.
    var enginesOwn: [String] { [root, run, socket] }

    package var state: String { "\(root)/state.db" }
    package var configuration: String { "\(root)/config.json" }
    package var lock: String { "\(root)/lock" }
    var runLock: String { "\(run)/run.lock" }
    /// Names the root whose containers run from the run directory.
    private var runOwner: String { "\(run)/root-directory" }
    /// Names the run directory from which the root's containers run.
    private var lastRun: String { "\(root)/run-directory" }
    package var images: String { "\(root)/images" }
    package var temporary: String { "\(root)/tmp" }
    /// Plugins from elsewhere: each executable file is one.
    package var plugins: String { "\(root)/plugins" }
    /// Files that name plugins from elsewhere.
    package static let pluginDefinitions = "/etc/kenter/plugins.d"
    /// State of the plugins, a directory each.
    package var pluginState: String { "\(root)/plugin-state" }
    package var cookie: String { "\(run)/cookie" }
    package var tcpAddress: String { "\(run)/tcp" }

    package func container(_ id: String) -> String { "\(root)/containers/\(id)" }
    /// Where a container's root filesystem is mounted.
    package func rootfs(_ id: String) -> String { "\(container(id))/rootfs" }
    package func hosts(_ id: String) -> String { "\(container(id))/hosts" }
    package func hostname(_ id: String) -> String { "\(container(id))/hostname" }
    package func resolver(_ id: String) -> String { "\(container(id))/resolv.conf" }
    package func links(_ id: String) -> String { "\(container(id))/links" }
    /// Where what a container binds is mounted while the container is made.
    package func binds(_ id: String) -> String { "\(run)/binds/\(id)" }
    package func namespace(_ id: String) -> String { "\(run)/netns/\(id)" }

    /// Makes root and run directory where there are none; refuses those of somebody else. What is there may be another
    /// engine's, and stays as it is.
    package func makeOwn() throws {
        for path in [root, run] {
            try Self.makeParents(of: path)
            try Self.make(path)
        }
    }

    /// Makes the directories in them, all private to the engine's user.
    func make() throws {
        for path in [root, run] { try Self.makePrivate(path) }
        for path in [images, temporary, plugins, pluginState, "\(root)/containers", "\(run)/netns", "\(run)/binds"] {
            try Self.make(path)
            try Self.makePrivate(path)
        }
    }

    /// Ties root and run directory to each other. An engine ends whatever it does not know in its run directory, and takes
    /// for dead whatever is not there: while containers run, neither of both goes with another one.
    func claim() throws {
        guard let ownRoot = SmallFile.realPath(of: root), let ownRun = SmallFile.realPath(of: run) else {
            throw Self.failure("cannot look at \(root) and \(run)")
        }
        if let owner = SmallFile.readText(runOwner), owner != ownRoot, Self.holdsContainers(run) {
            throw RPCError(
                .conflict, "containers of \(owner) run from \(run): choose another --run, or that one as --root")
        }
        if let last = SmallFile.readText(lastRun), last != ownRun,
            SmallFile.readText("\(last)/root-directory") == ownRoot,
            Self.holdsContainers(last)
        {
            throw RPCError(.conflict, "containers of \(root) run from \(last): start the engine with --run \(last)")
        }
        try SmallFile.write(Array(ownRoot.utf8), to: runOwner)
        try SmallFile.write(Array(ownRun.utf8), to: lastRun)
    }

    private static func holdsContainers(_ run: String) -> Bool { !SmallFile.names(in: "\(run)/containers").isEmpty }

    private static func makeParents(of path: String) throws {
        var prefix = ""
        for component in path.split(separator: "/").dropLast() {
            prefix += "/" + component
            guard mkdir(prefix, 0o755) == 0 || errno == EEXIST else { throw failure("cannot make \(prefix)") }
        }
    }

    private static func make(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("cannot make \(path)") }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure("cannot look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw RPCError(
                .permission, "\(path) must be a directory of user \(geteuid()); remove it or name another one")
        }
    }

    private static func makePrivate(_ path: String) throws {
        guard chmod(path, 0o700) == 0 else { throw failure("cannot set the mode of \(path)") }
    }

    /// What a place that cannot be used has to say, and what to do about it.
    static func failure(_ what: String) -> RPCError {
        let remedy = errno == EROFS ? "; the engine needs directories that it can write to: see --root and --run" : ""
        return RPCError(.io, "\(what): \(String(cString: strerror(errno)))\(remedy)")
    }
}
