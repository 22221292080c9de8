import CLinux
import ChildProcess
import Glibc
import JSONRPC
import Threads

/// Containers as processes: made and watched by conmon, confined by crun or runc, on any cgroup layout.
///
/// Knows a container only by its id and by what lies in its run directory, so a new engine finds what an old one left.
/// Calls for one container must not overlap, except ``exit(of:)``, ``attach(_:)``, ``execute(_:in:)`` and ``inspect(_:)``.
package struct ContainerRuntime: Sendable {
    /// Where files lie, and what tells this engine's containers apart from another's.
    package struct Configuration: Sendable {
        /// For logs: `<root>/containers/<id>/container.log`.
        package var rootDirectory: String
        /// For all else; on a tmpfs.
        package var runDirectory: String
        /// Names the parent of every container's cgroup, `/kenter-<instance>`; letters, digits, `-` and `_`.
        package var instance: String
        /// The path of kenter-runtime.
        package var wrapperPath: String

        package init(rootDirectory: String, runDirectory: String, instance: String, wrapperPath: String) {
            self.rootDirectory = rootDirectory
            self.runDirectory = runDirectory
            self.instance = instance
            self.wrapperPath = wrapperPath
        }
    }

    package let layout: CgroupLayout
    let configuration: Configuration
    var runtime: OCIRuntime
    let conmon: ConmonCommand
    let watcher: ProcessWatcher
    private let filter: SeccompFilter
    private let processorCount = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    /// Finds the tools and makes the directories. The calling process becomes the parent of orphans below it, so that
    /// it can wait for monitors and later processes of containers, and stops being killed by writing to a closed pipe.
    package init(_ configuration: Configuration) async throws(RuntimeError) {
        signal(SIGPIPE, SIG_IGN)
        guard clinux_set_child_subreaper() == 0 else { throw SmallFile.failure("cannot adopt orphaned processes") }
        self.configuration = configuration
        layout = CgroupLayout.detect()
        runtime = try await OCIRuntime.find(
            layout: layout, wrapperPath: configuration.wrapperPath, stateDirectory: "\(configuration.runDirectory)/oci")
        conmon = try await ConmonCommand.find()
        watcher = try ProcessWatcher()
        for directory in ["containers", "exits", "attach", "terminals", "oci"] {
            try SmallFile.makeDirectory("\(configuration.runDirectory)/\(directory)")
        }
        // Compiled ahead: the first container need not wait for it.
        let filter = SeccompFilter()
        self.filter = filter
        if runtime.takesCompiledFilter {
            DetachedThread.start { _ = filter.program(for: .default(.default), capabilities: .default) }
        }
    }

    /// The runtime's name and version, such as `crun 1.8.1`.
    package var runtimeDescription: String {
        "\(runtime.kind.rawValue) \(runtime.version.map(String.init).joined(separator: "."))"
    }

    func paths(_ id: String) -> ContainerPaths {
        ContainerPaths(id: id, runDirectory: configuration.runDirectory, rootDirectory: configuration.rootDirectory)
    }

    func group(_ id: String) -> String { "/kenter-\(configuration.instance)/\(id)" }

    /// The log of a container: it stays when the container's processes are deleted.
    package func log(of id: String) -> String { paths(id).log }

    /// Refuses what this host cannot do for a container, without changing anything.
    package func check(_ container: ContainerSpecification) throws(RuntimeError) {
        _ = try configurationDocument("check", container)
    }

    /// Refuses limits that this host cannot set.
    func check(_ resources: ContainerResources) throws(RuntimeError) {
        try resources.check(on: layout, processorCount: Int(processorCount))
    }

    /// The whole config.json, with the filter of system calls.
    func configurationDocument(_ id: String, _ container: ContainerSpecification) throws(RuntimeError) -> JSONObject {
        try check(container.resources)
        var specification = RuntimeSpecification(layout: layout, group: group(id))
        if container.isFiltered && !container.isPrivileged {
            let capabilities = try container.capabilities()
            let profile = SeccompProfile.default(capabilities)
            specification.filter = profile
            if runtime.takesCompiledFilter {
                specification.compiledFilter = filter.program(for: profile, capabilities: capabilities)
            }
        }
        if container.isPrivileged { specification.hostDevices = HostDevice.all() }
        return try specification.document(container)
    }
}
