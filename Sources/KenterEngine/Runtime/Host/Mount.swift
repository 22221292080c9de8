import CLinux
import Glibc
import Threads

/// A mount to make in the engine's namespace: what mount(8) would be told, without its process.
package struct Mount: Sendable, Equatable {
    /// `overlay`, `tmpfs`, or `bind`.
    package var type: String
    /// A device, a directory, or a mere name for `tmpfs` and `overlay`.
    package var source: String
    package var target: String
    /// As mount(8) has them: `ro`, `nosuid`, `rbind`, `lowerdir=…`.
    package var options: [String]

    package init(type: String, source: String, target: String, options: [String] = []) {
        self.type = type
        self.source = source
        self.target = target
        self.options = options
    }

    /// Makes the mount; nothing stays of it after an error.
    package func make() throws(RuntimeError) {
        let parsed = MountOptions(options, isBind: type == "bind")
        guard parsed.data.utf8.count < 4096 else {
            throw RuntimeError(.failed, "cannot mount \(target): its options exceed the 4095 bytes the kernel takes")
        }
        let kind = type == "bind" ? nil : type
        let data = parsed.data.isEmpty ? nil : parsed.data
        // A bind ignores every other flag: those need a second call on the mount that is there then.
        let first = parsed.isBind ? parsed.flags & UInt(MS_BIND | MS_REC) : parsed.flags
        try call(source: source, type: kind, flags: first, data: data)
        do {
            let rest = parsed.flags & ~UInt(MS_BIND | MS_REC)
            if parsed.isBind && rest != 0 {
                try call(source: nil, type: nil, flags: rest | UInt(MS_BIND | MS_REMOUNT), data: nil)
            }
            if let propagation = parsed.propagation { try call(source: nil, type: nil, flags: propagation, data: nil) }
        } catch {
            Mount.remove(target)
            throw error
        }
    }

    /// Makes the mount with `directory` as the working directory, which relative paths among the options start from.
    package func make(in directory: String) async throws {
        let outcome = await DetachedThread.runApart { () -> Result<Void, RuntimeError> in
            // The thread's own working directory: the process keeps its.
            guard clinux_unshare(CLONE_FS) == 0, chdir(directory) == 0 else {
                return .failure(SmallFile.failure("cannot enter \(directory)"))
            }
            return Result { () throws(RuntimeError) in try make() }
        }
        try outcome.get()
    }

    /// Unmounts `target`, now or as soon as its last user is gone; no error when nothing is mounted there.
    package static func remove(_ target: String) {
        umount2(target, Int32(MNT_DETACH) | 8)  // UMOUNT_NOFOLLOW
    }

    private func call(source: String?, type: String?, flags: UInt, data: String?) throws(RuntimeError) {
        let status = withOptionalCString(source) { source in
            withOptionalCString(type) { type in
                withOptionalCString(data) { data in mount(source, target, type, flags, data) }
            }
        }
        guard status == 0 else { throw SmallFile.failure("cannot mount \(self.type) at \(target)") }
    }
}

private func withOptionalCString<R>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let string else { return body(nil) }
    return string.withCString { body($0) }
}

/// mount(8)'s options, sorted into flags and what the file system itself reads.
struct MountOptions: Equatable {
    var flags: UInt = 0
    var propagation: UInt?
    var data = ""
    var isBind: Bool { flags & UInt(MS_BIND) != 0 }

    init(_ options: [String], isBind: Bool) {
        if isBind { flags |= UInt(MS_BIND) }
        for option in options {
            if let (flag, isSet) = Self.flags[option] {
                if isSet { flags |= UInt(flag) } else { flags &= ~UInt(flag) }
            } else if let value = Self.propagations[option] {
                propagation = UInt(value)
            } else {
                data += data.isEmpty ? option : ",\(option)"
            }
        }
    }

    private static let flags: [String: (Int, Bool)] = [
        "ro": (Int(MS_RDONLY), true), "rw": (Int(MS_RDONLY), false),
        "nosuid": (Int(MS_NOSUID), true), "suid": (Int(MS_NOSUID), false),
        "nodev": (Int(MS_NODEV), true), "dev": (Int(MS_NODEV), false),
        "noexec": (Int(MS_NOEXEC), true), "exec": (Int(MS_NOEXEC), false),
        "noatime": (Int(MS_NOATIME), true), "relatime": (Int(MS_RELATIME), true),
        "strictatime": (Int(MS_STRICTATIME), true), "sync": (Int(MS_SYNCHRONOUS), true),
        "bind": (Int(MS_BIND), true), "rbind": (Int(MS_BIND) | Int(MS_REC), true),
    ]

    private static let propagations: [String: Int] = [
        "private": Int(MS_PRIVATE), "rprivate": Int(MS_PRIVATE) | Int(MS_REC),
        "slave": Int(MS_SLAVE), "rslave": Int(MS_SLAVE) | Int(MS_REC),
        "shared": Int(MS_SHARED), "rshared": Int(MS_SHARED) | Int(MS_REC),
    ]
}
