/// A set of Linux capabilities, by their full names.
package struct CapabilitySet: Sendable, Hashable {
    package var names: Set<String>

    /// Sorted, as the OCI configuration lists them.
    package var sorted: [String] { names.sorted() }

    package func contains(_ name: String) -> Bool { names.contains(name) }

    /// Podman's default: Docker's without NET_RAW, MKNOD and AUDIT_WRITE.
    package static let `default` = CapabilitySet(names: [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
        "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ])

    /// Every capability the engine itself may hand on: all that the kernel knows, unless something confines the engine.
    package static let all: CapabilitySet = {
        let status = SmallFile.readText("/proc/self/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapBnd:") } ?? ""
        let bound = UInt64(line.split(whereSeparator: \.isWhitespace).last ?? "", radix: 16) ?? 0
        return CapabilitySet(names: Set(known.indices.filter { bound >> UInt64($0) & 1 == 1 }.map { known[$0] }))
    }()

    /// This set with Docker's `--cap-add` and `--cap-drop` applied; `ALL` first, single names after it.
    package func adding(_ added: [String], dropping dropped: [String]) throws(RuntimeError) -> CapabilitySet {
        let (added, dropped) = (try Self.fullNames(added), try Self.fullNames(dropped))
        var result = self
        if added.contains("ALL") { result = .all }
        if dropped.contains("ALL") { result.names = [] }
        result.names.formUnion(added.subtracting(["ALL"]))
        result.names.subtract(dropped.subtracting(["ALL"]))
        return result
    }

    private static func fullNames(_ names: [String]) throws(RuntimeError) -> Set<String> {
        var result: Set<String> = []
        for name in names {
            let upper = name.uppercased()
            let full = upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
            guard full == "ALL" || all.names.contains(full) else {
                throw RuntimeError(.refused, "invalid capability: '\(name)' is not one that this host has")
            }
            result.insert(full)
        }
        return result
    }

    /// In the order of their numbers (capabilities(7)).
    private static let known = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ].map { "CAP_\($0)" }
}
