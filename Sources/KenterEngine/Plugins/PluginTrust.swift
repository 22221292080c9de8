import CLinux
import Glibc

/// Who may have written a plugin for the engine to run it: a plugin has all the power that the engine has.
package struct PluginTrust: Sendable, Equatable {
    package var owners: Set<UInt32>
    /// Groups that may have write permission; empty for a system's own files.
    package var groups: Set<UInt32>

    package init(owners: Set<UInt32>, groups: Set<UInt32> = []) {
        self.owners = owners
        self.groups = groups
    }

    /// Root, the engine's user, and whoever can replace the engine's own executable, since that is the engine already:
    /// so an engine runs from a build tree too.
    package static var engine: PluginTrust {
        PluginTrust(owners: [0, geteuid()]).trusting(writersOf: "/proc/self/exe")
    }

    /// Also trusts the owner of a file, and its group where that may write it.
    package func trusting(writersOf path: String) -> PluginTrust {
        var status = stat()
        guard stat(path, &status) == 0 else { return self }
        var trust = self
        trust.owners.insert(status.st_uid)
        if status.st_mode & S_IWGRP != 0 { trust.groups.insert(status.st_gid) }
        return trust
    }

    /// Why a file or directory with this status may not be trusted; `nil` when it may.
    ///
    /// In a directory with the sticky bit others cannot replace what is not theirs, and what lies in it is checked too.
    func objection(to status: stat) -> String? {
        let mode = status.st_mode
        let isSticky = mode & S_IFMT == S_IFDIR && mode & S_ISVTX != 0
        if !owners.contains(status.st_uid) { return "belongs to the user \(status.st_uid)" }
        if mode & S_IWOTH != 0, !isSticky { return "may be written by anyone" }
        if mode & S_IWGRP != 0, !isSticky, !groups.contains(status.st_gid) {
            return "may be written by the group \(status.st_gid)"
        }
        return nil
    }
}
