import CLinux
import Glibc

/// File systems that hold no files but what the kernel tells and is told: nothing to copy, and without end or size.
enum KernelFileSystem {
    /// From linux/magic.h: proc, sysfs, cgroup, cgroup2, devpts, mqueue, debugfs, tracefs, securityfs, bpf, pstore,
    /// efivarfs, selinuxfs, binfmt_misc, configfs, nsfs.
    private static let kinds: Set<UInt32> = [
        0x9fa0, 0x6265_6572, 0x27_e0eb, 0x6367_7270, 0x1cd1, 0x1980_0202, 0x6462_6720, 0x7472_6163, 0x7363_6673,
        0xcafe_4a11, 0x6165_676c, 0xde5e_81e4, 0xf97c_ff8c, 0x4249_4e4d, 0x6265_6570, 0x6e73_6673,
    ]

    /// Whether an open file or directory lies in one.
    static func contains(_ descriptor: Int32) -> Bool {
        var information = statfs()
        guard fstatfs(descriptor, &information) == 0 else { return false }
        return kinds.contains(UInt32(truncatingIfNeeded: information.f_type))
    }
}
