import JSONRPC

/// The architectures whose system calls we know.
enum SeccompArchitecture: String, Sendable, Hashable {
    case x86_64 = "SCMP_ARCH_X86_64"
    case aarch64 = "SCMP_ARCH_AARCH64"

    /// Those whose programs the same kernel also runs.
    var compatible: [String] {
        switch self {
        case .x86_64: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]
        case .aarch64: ["SCMP_ARCH_ARM"]
        }
    }

    #if arch(arm64)
        static let native = SeccompArchitecture.aarch64
    #else
        static let native = SeccompArchitecture.x86_64
    #endif
}

/// A filter of system calls: rules for calls and their arguments; what no rule names fails with ENOSYS.
struct SeccompProfile: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case allow
        case fail(errno: UInt32)
    }

    /// A condition on one argument.
    struct Condition: Sendable, Equatable {
        enum Comparison: String, Sendable {
            case equal = "SCMP_CMP_EQ"
            case less = "SCMP_CMP_LT"
            case greater = "SCMP_CMP_GT"
            /// `argument & value == maskedValue`
            case maskedEqual = "SCMP_CMP_MASKED_EQ"
        }

        var argument: UInt32
        var comparison: Comparison
        var value: UInt64
        var maskedValue: UInt64 = 0
    }

    struct Rule: Sendable, Equatable {
        var calls: [String]
        var action = Action.allow
        var condition: Condition?
    }

    var architecture: SeccompArchitecture
    var rules: [Rule]

    static let operationNotPermitted = Action.fail(errno: 1)

    /// Docker's default profile for a container with these capabilities.
    static func `default`(
        _ capabilities: CapabilitySet, architecture: SeccompArchitecture = .native
    ) -> SeccompProfile {
        var allowed = Set(SeccompTable.allowed).union(SeccompTable.allowedByArchitecture[architecture] ?? [])
        var forbidden = Set(SeccompTable.forbidden)
        for (capability, calls) in SeccompTable.allowedByCapability {
            if capabilities.contains(capability) { allowed.formUnion(calls) } else { forbidden.formUnion(calls) }
        }
        var rules: [Rule] = []
        if capabilities.contains("CAP_SYS_ADMIN") {
            allowed.formUnion(["clone", "clone3"])
        } else {
            let flags = Condition(
                argument: 0, comparison: .maskedEqual, value: SeccompTable.namespaceFlags, maskedValue: 0)
            rules.append(Rule(calls: ["clone"], condition: flags))
        }
        rules.append(Rule(calls: allowed.sorted()))
        rules.append(Rule(calls: forbidden.subtracting(allowed).sorted(), action: operationNotPermitted))
        for personality in SeccompTable.personalities {
            let isAsked = Condition(argument: 0, comparison: .equal, value: personality)
            rules.append(Rule(calls: ["personality"], condition: isAsked))
        }
        // Rules of one call are alternatives: every family but two is below, between or above them.
        let (crypto, hypervisor) = SeccompTable.forbiddenSocketFamilies
        for (comparison, value) in [(Condition.Comparison.less, crypto), (.equal, crypto + 1), (.greater, hypervisor)] {
            let family = Condition(argument: 0, comparison: comparison, value: value)
            rules.append(Rule(calls: ["socket"], condition: family))
        }
        return SeccompProfile(architecture: architecture, rules: rules)
    }

    /// OCI's `linux.seccomp`.
    var document: JSONObject {
        [
            "defaultAction": "SCMP_ACT_ERRNO",
            "defaultErrnoRet": 38,
            "architectures": .array(([architecture.rawValue] + architecture.compatible).map { .string($0) }),
            "syscalls": .array(rules.map(\.document)),
        ]
    }
}

extension SeccompProfile.Rule {
    fileprivate var document: JSONValue {
        var object: JSONObject = ["names": .array(calls.map { .string($0) })]
        switch action {
        case .allow: object["action"] = "SCMP_ACT_ALLOW"
        case .fail(let errno):
            object["action"] = "SCMP_ACT_ERRNO"
            object["errnoRet"] = .integer(Int64(errno))
        }
        if let condition {
            object["args"] = [
                [
                    "index": .integer(Int64(condition.argument)), "value": .integer(Int64(condition.value)),
                    "valueTwo": .integer(Int64(condition.maskedValue)), "op": .string(condition.comparison.rawValue),
                ]
            ]
        }
        return .object(object)
    }
}
