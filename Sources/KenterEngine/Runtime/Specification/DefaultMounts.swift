/// The file systems that every container has.
enum DefaultMounts {
    /// The ones every container has, then the container's own; a target named by both is the container's.
    static func merged(for container: ContainerSpecification) -> [ContainerMount] {
        let own = Set(container.mounts.map { normalized($0.target) })
        return list(for: container).filter { !own.contains($0.target) } + container.mounts
    }

    private static func list(for container: ContainerSpecification) -> [ContainerMount] {
        let closed = ["nosuid", "noexec", "nodev"]
        let access = container.isPrivileged ? "rw" : "ro"
        var mounts = [
            ContainerMount(target: "/proc", type: "proc", source: "proc", options: closed),
            ContainerMount(
                target: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            ContainerMount(
                target: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            ContainerMount(target: "/sys", type: "sysfs", source: "sysfs", options: closed + [access]),
            ContainerMount(
                target: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: closed + ["relatime", access]),
        ]
        if container.communication == .host {
            mounts.append(.bind("/dev/mqueue", to: "/dev/mqueue"))
            mounts.append(.bind("/dev/shm", to: "/dev/shm"))
        } else {
            mounts.append(ContainerMount(target: "/dev/mqueue", type: "mqueue", source: "mqueue", options: closed))
            mounts.append(
                ContainerMount(
                    target: "/dev/shm", type: "tmpfs", source: "shm",
                    options: closed + ["mode=1777", "size=\(container.sharedMemoryBytes)"]))
        }
        return mounts
    }

    private static func normalized(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
