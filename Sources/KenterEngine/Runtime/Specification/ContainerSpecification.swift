/// What a container is made of, as far as the host's kernel is concerned: root, namespaces, limits, confinement.
///
/// The OCI configuration follows from this alone; labels and image configuration never get in.
package struct ContainerSpecification: Sendable, Equatable {
    /// Whose namespace of one kind a container uses.
    package enum Namespace: Sendable, Equatable {
        case own
        case host
        /// One that is mounted at this path.
        case path(String)
    }

    /// The main process.
    package var process: ContainerProcess
    /// The host's path of the root file system, mounted beforehand.
    package var rootPath: String
    package var isRootReadOnly = false
    package var hostname: String
    /// In the order they are made, after the ones every container has; a target that is one of those replaces it.
    package var mounts: [ContainerMount] = []
    package var network = Namespace.own
    package var processes = Namespace.own
    package var communication = Namespace.own
    package var resources = ContainerResources()
    /// Docker's `--privileged`: every capability and device, no filter, nothing masked.
    package var isPrivileged = false
    /// Names with or without `CAP_`, in any case; `ALL` stands for every one.
    package var capabilitiesAdded: [String] = []
    package var capabilitiesDropped: [String] = []
    /// Whether system calls are filtered; a privileged container never is.
    package var isFiltered = true
    /// Kernel settings of the container's own namespaces, such as `net.core.somaxconn`.
    package var kernelSettings: [String: String] = [:]
    package var sharedMemoryBytes: Int64 = 64 << 20
    /// -1000 … 1000: how readily the kernel kills it when memory runs out.
    package var outOfMemoryScore: Int?

    package init(process: ContainerProcess, rootPath: String, hostname: String) {
        self.process = process
        self.rootPath = rootPath
        self.hostname = hostname
    }

    /// What the main process and every later one may do.
    func capabilities() throws(RuntimeError) -> CapabilitySet {
        if isPrivileged { return .all }
        return try CapabilitySet.default.adding(capabilitiesAdded, dropping: capabilitiesDropped)
    }
}

/// One process of a container.
package struct ContainerProcess: Sendable, Equatable {
    /// The command and its arguments; not empty.
    package var arguments: [String]
    /// `NAME=VALUE`: the whole environment, `PATH` and `HOME` too.
    package var environment: [String]
    package var workingDirectory = "/"
    package var user = ContainerUser()
    package var hasTerminal = false
    /// What the terminal starts with.
    package var terminalColumns: UInt16 = 80
    package var terminalRows: UInt16 = 24

    package init(arguments: [String], environment: [String]) {
        self.arguments = arguments
        self.environment = environment
    }
}

/// A file system that a container sees at `target`.
package struct ContainerMount: Sendable, Equatable {
    package var target: String
    /// `bind`, `tmpfs`, …
    package var type: String
    package var source: String
    /// As mount(8) has them, `rbind` or `bind` included.
    package var options: [String]

    package init(target: String, type: String, source: String, options: [String]) {
        self.target = target
        self.type = type
        self.source = source
        self.options = options
    }

    /// A directory or file of the host.
    package static func bind(_ source: String, to target: String, readOnly: Bool = false) -> ContainerMount {
        ContainerMount(
            target: target, type: "bind", source: source, options: ["rbind", "rprivate", readOnly ? "ro" : "rw"])
    }

    /// Refuses targets that are no clean absolute path, or would cover what confines the container.
    func check() throws(RuntimeError) {
        let components = target.split(separator: "/")
        guard target.hasPrefix("/"), !components.isEmpty, !components.contains("..") else {
            throw RuntimeError(.refused, "invalid mount path: '\(target)' mount path must be absolute and below /")
        }
        for kernel in ["proc", "sys"] where components[0] == kernel {
            throw RuntimeError(
                .refused, "invalid mount path: '\(target)' nothing can be mounted on or below /\(kernel)")
        }
    }
}
