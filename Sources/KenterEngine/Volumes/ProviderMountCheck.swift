import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// Refuses mounts that a storage provider has no business to ask for: whatever a plugin returns is hostile until
/// checked.
struct ProviderMountCheck {
    /// The only directory that the provider may mount from.
    let stateDirectory: String
    let provider: String

    private static let flags: Set<String> = ["ro", "rw", "nosuid", "nodev", "noexec", "noatime", "relatime"]
    private static let bindFlags: Set<String> = ["bind", "rbind", "private", "rprivate"]
    private static let overlayFlags: Set<String> = [
        "index=off", "index=on", "metacopy=off", "xino=off", "xino=auto", "userxattr", "volatile",
    ]

    /// A container's root filesystem: an overlay whose directories all lie in the provider's own.
    func rootfs(_ mount: ProviderMount) throws(RPCError) {
        guard mount.source == stateDirectory else { throw refused("from '\(mount.source)'") }
        guard mount.type == "overlay" else { throw refused("a root filesystem of type '\(mount.type)'") }
        var named: Set<Substring> = []
        for option in mount.options {
            let parts = option.split(separator: "=", maxSplits: 1)
            switch parts.first {
            case "lowerdir", "upperdir", "workdir":
                guard parts.count == 2, named.insert(parts[0]).inserted else { throw refused("the option '\(option)'") }
                for path in parts[1].split(separator: ":", omittingEmptySubsequences: false) {
                    // Relative to the mount's source, where absolute ones would not fit the kernel's page of options.
                    try own(path.hasPrefix("/") ? String(path) : "\(mount.source)/\(path)")
                }
            default:
                guard Self.flags.contains(option) || Self.overlayFlags.contains(option) else {
                    throw refused("the option '\(option)'")
                }
            }
        }
        guard named.count == 3 else { throw refused("an overlay without lowerdir, upperdir and workdir") }
    }

    /// A volume: a directory of the provider, or a tmpfs; always mounted nosuid and nodev.
    func volume(_ mount: ProviderMount) throws(RPCError) -> ProviderMount {
        guard ["bind", "tmpfs"].contains(mount.type) else { throw refused("a volume of type '\(mount.type)'") }
        if mount.type == "bind" { try own(mount.source) }
        for option in mount.options {
            let isKnown =
                Self.flags.contains(option) || Self.bindFlags.contains(option)
                || (mount.type == "tmpfs" && (option.hasPrefix("size=") || option.hasPrefix("mode=")))
            guard isKnown else { throw refused("the option '\(option)'") }
        }
        var mount = mount
        for option in ["nosuid", "nodev"] where !mount.options.contains(option) { mount.options.append(option) }
        return mount
    }

    /// Beneath the provider's directory, by the name it really has.
    private func own(_ path: String) throws(RPCError) {
        guard path.hasPrefix(stateDirectory + "/"), let resolved = realpath(path, nil)
        else { throw refused("the path '\(path)'") }
        defer { free(resolved) }
        guard String(cString: resolved) == path else { throw refused("'\(path)', which leads elsewhere") }
    }

    private func refused(_ what: String) -> RPCError {
        RPCError(.pluginProtocol, "the storage provider '\(provider)' wants to mount \(what), which is not allowed")
    }
}
