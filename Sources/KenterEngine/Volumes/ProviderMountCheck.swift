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
    func rootfs(_ mount: ProviderMount) throws(RPCError) -> ProviderRoot {
        guard mount.source == stateDirectory else { throw refused("from '\(mount.source)'") }
        guard mount.type == "overlay" else { throw refused("a root filesystem of type '\(mount.type)'") }
        var root = ProviderRoot(source: stateDirectory)
        var named: Set<Substring> = []
        for option in mount.options {
            let parts = option.split(separator: "=", maxSplits: 1)
            switch parts.first {
            case "lowerdir", "upperdir", "workdir":
                guard parts.count == 2, named.insert(parts[0]).inserted else { throw refused("the option '\(option)'") }
                var paths: [String] = []
                for text in parts[1].split(separator: ":", omittingEmptySubsequences: false) {
                    // Relative to the mount's source, where absolute ones would not fit the kernel's page of options.
                    let path = text.hasPrefix("/") ? try relative(String(text)) : String(text)
                    if root.directories[path] == nil { root.directories[path] = try own(path, O_DIRECTORY) }
                    paths.append(path)
                }
                guard parts[0] == "lowerdir" || paths.count == 1 else { throw refused("the option '\(option)'") }
                root.options.append("\(parts[0])=\(paths.joined(separator: ":"))")
            default:
                guard Self.flags.contains(option) || Self.overlayFlags.contains(option) else {
                    throw refused("the option '\(option)'")
                }
                root.options.append(option)
            }
        }
        guard named.count == 3 else { throw refused("an overlay without lowerdir, upperdir and workdir") }
        if let inner = root.nestedPath { throw refused("'\(inner)', which lies in another directory of its overlay") }
        return root
    }

    /// A volume: a directory of the provider, or a tmpfs; always mounted nosuid and nodev.
    func volume(_ mount: ProviderMount) throws(RPCError) -> ProviderVolumeSource {
        guard ["bind", "tmpfs"].contains(mount.type) else { throw refused("a volume of type '\(mount.type)'") }
        for option in mount.options {
            let isKnown =
                Self.flags.contains(option) || Self.bindFlags.contains(option)
                || (mount.type == "tmpfs" && Self.isSizeOrMode(option))
            guard isKnown else { throw refused("the option '\(option)'") }
        }
        let file = mount.type == "bind" ? try own(try relative(mount.source), 0) : nil
        var mount = mount
        if mount.type == "tmpfs" { mount.source = "tmpfs" }
        for option in ["nosuid", "nodev"] where !mount.options.contains(option) { mount.options.append(option) }
        return ProviderVolumeSource(mount: mount, file: file)
    }

    /// Of one word: a comma would begin another option.
    private static func isSizeOrMode(_ option: String) -> Bool {
        ["size=", "mode="].contains { option.hasPrefix($0) }
            && option.utf8.dropFirst(5).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "%"):
                    true
                default: false
                }
            }
    }

    /// What follows the provider's directory.
    private func relative(_ path: String) throws(RPCError) -> String {
        guard path.hasPrefix(stateDirectory + "/") else { throw refused("the path '\(path)'") }
        return String(path.dropFirst(stateDirectory.count + 1))
    }

    /// Opens what lies beneath the provider's directory, by the name it really has. Whatever the provider puts in its place
    /// from now on, this is what is mounted.
    private func own(_ path: String, _ flags: Int32) throws(RPCError) -> Descriptor {
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        guard components.allSatisfy(Self.isPlain) else { throw refused("the path '\(path)'") }
        let directory = open(stateDirectory, clinux_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw RPCError.system("open", stateDirectory) }
        defer { close(directory) }
        let found = clinux_openat2(
            directory, path, clinux_O_PATH | O_CLOEXEC | flags, 0,
            clinux_RESOLVE_BENEATH | clinux_RESOLVE_NO_SYMLINKS | clinux_RESOLVE_NO_MAGICLINKS)
        guard found >= 0 else {
            guard errno == ELOOP || errno == EXDEV else {
                throw refused("'\(path)', which cannot be opened: \(String(cString: strerror(errno)))")
            }
            throw refused("'\(path)', which leads elsewhere")
        }
        return Descriptor(owning: found)
    }

    /// A name that neither climbs nor means something among an overlay's options, where `,` ends one, `:` a directory, and
    /// `\\` makes the next byte another.
    private static func isPlain(_ name: Substring) -> Bool {
        !["", ".", ".."].contains(name)
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
                    && !["/", ",", ":", "\\"].contains(scalar)
            }
    }

    private func refused(_ what: String) -> RPCError {
        RPCError(
            .pluginProtocol,
            "the storage provider '\(provider)' wants to mount \(LogText.escape(what, limit: 1024)), "
                + "which is not allowed")
    }
}

/// A volume as it may be mounted.
struct ProviderVolumeSource {
    var mount: ProviderMount
    /// What a bind binds, held open; none for a tmpfs.
    let file: Descriptor?
}
