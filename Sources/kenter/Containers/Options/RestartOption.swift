import KenterProtocol

/// `--restart no|on-failure[:count]|always|unless-stopped`.
enum RestartOption {
    static func policy(_ text: String) throws(OptionError) -> RestartPolicy {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let policy = RestartPolicy.Policy(rawValue: String(parts[0])) else {
            throw OptionError(
                "invalid restart policy '\(parts[0])': use no, on-failure[:count], always or unless-stopped")
        }
        guard parts.count > 1 else { return RestartPolicy(policy: policy) }
        guard parts.count == 2, let count = Int(parts[1]), count >= 0 else {
            throw OptionError("invalid restart policy format: maximum retry count must be an integer")
        }
        guard policy == .onFailure else {
            throw OptionError("maximum retry count cannot be used with restart policy '\(policy.rawValue)'")
        }
        return RestartPolicy(policy: policy, maxRetries: count == 0 ? nil : count)
    }
}
