import CArchive
import CLinux
import Glibc

/// Whose an entry is and what may be done with it, as far as the rules let that through.
struct FileAttributes {
    let mode: mode_t
    /// `nil` leaves a file to whoever makes it.
    private let owner: (user: uid_t, group: gid_t)?
    private let modified: timespec
    /// A program's file capabilities, as the kernel keeps them, in 20 or 24 bytes.
    private let capability: [UInt8]?

    init(_ entry: OpaquePointer, _ rules: UnpackRules) {
        mode = archive_entry_perm(entry) & rules.modeMask
        modified = timespec(tv_sec: archive_entry_mtime(entry), tv_nsec: archive_entry_mtime_nsec(entry))
        if rules.keepsOwners {
            owner = (
                uid_t(truncatingIfNeeded: archive_entry_uid(entry)), gid_t(truncatingIfNeeded: archive_entry_gid(entry))
            )
        } else {
            owner = rules.isHost ? nil : (0, 0)
        }
        let takesPowers = rules.keepsOwners && !rules.isHost && archive_entry_filetype(entry) == S_IFREG
        capability = takesPowers ? Self.capability(of: entry) : nil
    }

    private static let capabilityBytesMaximum = 64

    private static func capability(of entry: OpaquePointer) -> [UInt8]? {
        guard archive_entry_xattr_reset(entry) > 0 else { return nil }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while archive_entry_xattr_next(entry, &name, &value, &count) == ARCHIVE_OK, let attribute = name {
            guard String(cString: attribute) == "security.capability" else { continue }
            guard count <= capabilityBytesMaximum else { return nil }
            return Array(UnsafeRawBufferPointer(start: value, count: count))
        }
        return nil
    }

    /// To a file or directory that is open.
    func apply(to descriptor: Int32, _ path: @autoclosure () -> [UInt8]) throws(CopyRefusal) {
        if let owner, fchown(descriptor, owner.user, owner.group) != 0 { throw CopyRefusal("give away", path()) }
        // After the owner, whose change takes powers from the mode.
        guard fchmod(descriptor, mode) == 0 else { throw CopyRefusal("set the mode of", path()) }
        if let capability, fsetxattr(descriptor, "security.capability", capability, capability.count, 0) != 0,
            errno != EOPNOTSUPP
        {
            throw CopyRefusal("set the capabilities of", path())
        }
        // The time is no reason to fail.
        _ = futimens(descriptor, times)
    }

    /// To what cannot be opened: a link has no mode.
    func apply(toLink name: [CChar], in directory: Int32, _ path: [[UInt8]]) throws(CopyRefusal) {
        if let owner, fchownat(directory, name, owner.user, owner.group, AT_SYMLINK_NOFOLLOW) != 0 {
            throw CopyRefusal("give away", PathNames.joined(path))
        }
        _ = utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW)
    }

    private var times: [timespec] { [modified, modified] }
}
