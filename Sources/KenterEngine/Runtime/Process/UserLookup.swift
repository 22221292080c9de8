import CLinux
import Glibc

/// Who a container's process runs as.
package struct ContainerUser: Sendable, Equatable {
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    package var additionalGroups: [UInt32] = []
    /// The home directory that the image's passwd file names; `/` without an entry.
    package var home = "/"

    package init(uid: UInt32 = 0, gid: UInt32 = 0, additionalGroups: [UInt32] = [], home: String = "/") {
        self.uid = uid
        self.gid = gid
        self.additionalGroups = additionalGroups
        self.home = home
    }
}

/// Resolves `user[:group]`, names or numbers, with the image's own passwd and group files, as Docker does.
package struct UserLookup: Sendable {
    private let users: [UserEntry]
    private let groups: [GroupEntry]

    /// Reads both files below a mounted root file system; one that is missing or unreadable counts as empty.
    package init(rootPath: String) {
        self.init(
            passwd: ImageFile.readText("etc/passwd", rootPath: rootPath) ?? "",
            group: ImageFile.readText("etc/group", rootPath: rootPath) ?? "")
    }

    init(passwd: String, group: String) {
        users = passwd.split(whereSeparator: \.isNewline).compactMap { UserEntry($0) }
        groups = group.split(whereSeparator: \.isNewline).compactMap { GroupEntry($0) }
    }

    /// An empty `specification` is the superuser. Fails with Docker's texts when a name has no entry.
    package func resolve(_ specification: String) throws(RuntimeError) -> ContainerUser {
        let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        let groupName = parts.count > 1 ? parts[1] : ""
        var user = ContainerUser()
        let number = try Self.number(name.isEmpty ? "0" : name)
        let entry = users.first { name.isEmpty ? $0.uid == 0 : $0.name == name || $0.uid == number }
        if let entry {
            user = ContainerUser(uid: entry.uid, gid: entry.gid, home: entry.home)
        } else if let number {
            user.uid = number
        } else {
            throw RuntimeError(.refused, "unable to find user \(name): no matching entries in passwd file")
        }
        if !groupName.isEmpty {
            user.gid = try group(groupName)
        } else if let entry {
            let memberships = groups.filter { $0.members.contains(entry.name) }.map(\.gid)
            user.additionalGroups = memberships.filter { $0 != user.gid }
        }
        return user
    }

    /// The number of one group, by name or number.
    package func group(_ name: String) throws(RuntimeError) -> UInt32 {
        let number = try Self.number(name)
        if let entry = groups.first(where: { $0.name == name || $0.gid == number }) { return entry.gid }
        guard let number else {
            throw RuntimeError(.refused, "unable to find group \(name): no matching entries in group file")
        }
        return number
    }

    /// The number that `text` is; `nil` for a name.
    private static func number(_ text: String) throws(RuntimeError) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        guard let value = UInt32(text), value <= 2_147_483_647 else {
            throw RuntimeError(.refused, "uids and gids must be in range 0-2147483647: \(text.prefix(32))")
        }
        return value
    }
}

private struct UserEntry {
    var name: String
    var uid: UInt32
    var gid: UInt32
    var home: String

    /// `name:password:uid:gid:comment:home:shell`; a line with nonsense in it is no entry.
    init?(_ line: Substring) {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 4, !fields[0].isEmpty, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else {
            return nil
        }
        self.name = String(fields[0])
        self.uid = uid
        self.gid = gid
        home = fields.count > 5 && fields[5].hasPrefix("/") ? String(fields[5]) : "/"
    }
}

private struct GroupEntry {
    var name: String
    var gid: UInt32
    var members: [String]

    /// `name:password:gid:member,member`.
    init?(_ line: Substring) {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 3, !fields[0].isEmpty, let gid = UInt32(fields[2]) else { return nil }
        self.name = String(fields[0])
        self.gid = gid
        members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
    }
}
