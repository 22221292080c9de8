import CLinux
import CSeccomp
import Glibc
import KenterProtocol
import Synchronization

/// Compiles profiles with libseccomp, once for each set of capabilities.
///
/// A runtime that compiles the same rules at every start takes 15 ms for it.
package final class SeccompFilter: Sendable {
    private let compiled = Mutex<[CapabilitySet: String]>([:])

    package init() {}

    /// The program for the default profile as base64; `nil` when libseccomp cannot make one.
    func program(for profile: SeccompProfile, capabilities: CapabilitySet) -> String? {
        if let known = compiled.withLock({ $0[capabilities] }) { return known }
        guard let program = Self.compile(profile) else { return nil }
        let text = Base64(program).text
        compiled.withLock { $0[capabilities] = text }
        return text
    }

    /// The filter as the kernel takes it: 8 bytes an instruction.
    static func compile(_ profile: SeccompProfile) -> [UInt8]? {
        guard profile.architecture == .native, let context = seccomp_init(failing(38)) else { return nil }
        defer { seccomp_release(context) }
        for name in profile.architecture.compatible {
            let status = seccomp_arch_add(context, seccomp_arch_resolve_name(String(name.dropFirst(10).lowercased())))
            guard status == 0 || status == -EEXIST else { return nil }
        }
        // A balanced tree: a call costs a few comparisons, whichever it is. Older libraries only know the list.
        _ = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
        for rule in profile.rules {
            for call in rule.calls where !add(call, rule, to: context) { return nil }
        }
        return export(context)
    }

    private static func failing(_ errno: UInt32) -> UInt32 { 0x0005_0000 | errno }  // SCMP_ACT_ERRNO

    /// False when the library refuses; a call that it does not know keeps the default action.
    private static func add(_ call: String, _ rule: SeccompProfile.Rule, to context: scmp_filter_ctx) -> Bool {
        let number = seccomp_syscall_resolve_name(call)
        if number == -1 { return true }  // __NR_SCMP_ERROR
        let action =
            switch rule.action {
            case .allow: UInt32(0x7fff_0000)  // SCMP_ACT_ALLOW
            case .fail(let errno): failing(errno)
            }
        guard let condition = rule.condition else {
            return seccomp_rule_add_array(context, action, number, 0, nil) == 0
        }
        var comparison = scmp_arg_cmp()
        comparison.arg = condition.argument
        comparison.datum_a = condition.value
        switch condition.comparison {
        case .equal: comparison.op = SCMP_CMP_EQ
        case .less: comparison.op = SCMP_CMP_LT
        case .greater: comparison.op = SCMP_CMP_GT
        case .maskedEqual:
            comparison.op = SCMP_CMP_MASKED_EQ
            comparison.datum_b = condition.maskedValue
        }
        return seccomp_rule_add_array(context, action, number, 1, &comparison) == 0
    }

    private static func export(_ context: scmp_filter_ctx) -> [UInt8]? {
        let file = clinux_memory_file("filter")
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard seccomp_export_bpf(context, file) == 0, lseek(file, 0, Int32(SEEK_SET)) == 0,
            let program = SmallFile.readAll(file, limitBytes: 1 << 20), !program.isEmpty, program.count % 8 == 0
        else { return nil }
        return program
    }
}
