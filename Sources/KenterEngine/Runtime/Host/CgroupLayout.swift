import CLinux
import Glibc

/// How this host arranges its cgroup trees, and where a container's group lies in them.
package struct CgroupLayout: Sendable, Equatable {
    package enum Version: String, Sendable, Equatable {
        /// A tree for each controller.
        case v1
        /// One tree.
        case v2
        /// Controllers in v1 trees, and an empty v2 tree that crun refuses to see.
        case hybrid
    }

    package var version: Version
    /// Controller → the directory its tree is mounted at; with v2, every controller is at the one tree.
    package var controllers: [String: String]
    /// The roots of all trees, those without a controller too.
    package var roots: [String]

    /// The layout of the running host.
    package static func detect() -> CgroupLayout {
        let mounts = SmallFile.readText("/proc/self/mountinfo", limitBytes: 16 << 20) ?? ""
        let unified = SmallFile.readText("/sys/fs/cgroup/cgroup.controllers") ?? ""
        return CgroupLayout(mountInformation: mounts, unifiedControllers: unified)
    }

    /// From the text of /proc/self/mountinfo and of the v2 root's cgroup.controllers.
    init(mountInformation: String, unifiedControllers: String) {
        var controllers: [String: String] = [:]
        var roots: [String] = []
        var unifiedRoot: String?
        for line in mountInformation.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 3, fields.count > 4 else { continue }
            let point = String(fields[4])
            guard point.hasPrefix("/sys/fs/cgroup") else { continue }
            switch fields[dash + 1] {
            case "cgroup2":
                unifiedRoot = point
            case "cgroup":
                roots.append(point)
                for option in fields[dash + 3].split(separator: ",") where option != "rw" && option != "ro" {
                    controllers[String(option)] = point
                }
            default: break
            }
        }
        if let unifiedRoot, roots.isEmpty {
            version = .v2
            let names = unifiedControllers.split(whereSeparator: \.isWhitespace).map(String.init)
            self.controllers = Dictionary(names.map { ($0, unifiedRoot) }) { first, _ in first }
            self.roots = [unifiedRoot]
        } else {
            version = unifiedRoot == nil ? .v1 : .hybrid
            self.controllers = controllers
            self.roots = roots
        }
    }

    /// Whether the host can limit what `controller` (memory, cpu, pids, cpuset …) counts.
    package func has(_ controller: String) -> Bool { controllers[controller] != nil }

    /// Whether the host can limit memory and swap together.
    package var limitsSwap: Bool {
        guard version == .v2 else {
            return controllers["memory"].map { access("\($0)/memory.memsw.limit_in_bytes", F_OK) == 0 } ?? false
        }
        // The root has no such file, only the groups below it.
        return roots.contains { root in
            SmallFile.names(in: root).contains { access("\(root)/\($0)/memory.swap.max", F_OK) == 0 }
        }
    }

    /// Every directory that `group` (such as `/kenter-default/ID`) may have.
    func directories(of group: String) -> [String] { roots.map { $0 + group } }

    /// The processes of a group, its main process among them; empty when the group is gone.
    func processes(in group: String) -> [Int32] {
        let tree = controllers["pids"] ?? controllers["freezer"] ?? roots.first ?? "/sys/fs/cgroup"
        let text = SmallFile.readText("\(tree)\(group)/cgroup.procs") ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    /// Whether a process belongs to `group`, as its /proc/PID/cgroup says.
    func contains(_ pid: Int32, in group: String) -> Bool {
        guard let text = SmallFile.readText("/proc/\(pid)/cgroup") else { return false }
        return text.split(separator: "\n").contains { $0.hasSuffix(group) || $0.contains("\(group)/") }
    }

    /// Whether the group is frozen.
    func isFrozen(_ group: String) -> Bool {
        if version == .v2 {
            return SmallFile.readText("\(roots[0])\(group)/cgroup.freeze")?.hasPrefix("1") ?? false
        }
        guard let tree = controllers["freezer"] else { return false }
        return SmallFile.readText("\(tree)\(group)/freezer.state").map { !$0.hasPrefix("THAWED") } ?? false
    }

    /// Removes what is left of a group without processes, and its parent when that was the last group in it.
    func remove(_ group: String) {
        for directory in directories(of: group) {
            rmdir(directory)
            if let slash = directory.lastIndex(of: "/") { rmdir(String(directory[..<slash])) }
        }
    }
}
