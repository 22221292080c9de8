import CLinux
import Glibc
import KenterProtocol

/// What the engine would say to a mount that a storage provider wants.
enum Mounts {
    private static let flags: Set<String> = ["ro", "rw", "nosuid", "nodev", "noexec", "noatime", "relatime"]
    private static let bindFlags: Set<String> = ["bind", "rbind", "private", "rprivate"]
    private static let overlayFlags: Set<String> = [
        "index=off", "index=on", "metacopy=off", "xino=off", "xino=auto", "userxattr", "volatile",
    ]

    /// Why a volume is not mounted so; `nil` when it is.
    static func objection(toVolume result: ProviderVolumeMount.Result, below state: String) -> String? {
        guard let mount = result.mount else {
            guard let path = result.path else { return "the result has neither mount nor path" }
            return objection(toPath: path, below: state)
        }
        guard mount.type == "bind" || mount.type == "tmpfs" else { return "a volume of type '\(mount.type)'" }
        if mount.type == "bind", let objection = objection(toPath: mount.source, below: state) { return objection }
        let stranger = mount.options.first { option in
            !flags.contains(option) && !bindFlags.contains(option)
                && !(mount.type == "tmpfs" && (option.hasPrefix("size=") || option.hasPrefix("mode=")))
        }
        return stranger.map { "the option '\($0)'" }
    }

    /// Where the data of a volume are; `nil` for a tmpfs.
    static func path(_ result: ProviderVolumeMount.Result) -> String? {
        guard let mount = result.mount else { return result.path }
        return mount.type == "bind" ? mount.source : nil
    }

    /// Why a root filesystem is not mounted so; `nil` when it is.
    static func objection(toRootfs mount: ProviderMount, below state: String) -> String? {
        guard mount.type == "overlay" else { return "a root filesystem of type '\(mount.type)'" }
        guard mount.source == state else { return "the source '\(mount.source)', not its state directory" }
        var named: Set<Substring> = []
        for option in mount.options {
            let parts = option.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, ["lowerdir", "upperdir", "workdir"].contains(parts[0]) else {
                if flags.contains(option) || overlayFlags.contains(option) { continue }
                return "the option '\(option)'"
            }
            named.insert(parts[0])
            for path in parts[1].split(separator: ":", omittingEmptySubsequences: false) {
                let absolute = path.hasPrefix("/") ? String(path) : "\(mount.source)/\(path)"
                if let objection = objection(toPath: absolute, below: state) { return objection }
            }
        }
        return named.count == 3 ? nil : "it needs lowerdir, upperdir and workdir"
    }

    /// Beneath the state directory, by the name it really has.
    private static func objection(toPath path: String, below state: String) -> String? {
        guard path.hasPrefix(state + "/") else { return "the path '\(path)', outside its state directory" }
        guard let resolved = realpath(path, nil) else { return "the path '\(path)', which is not there" }
        defer { free(resolved) }
        return String(cString: resolved) == path ? nil : "the path '\(path)', which leads elsewhere"
    }
}
