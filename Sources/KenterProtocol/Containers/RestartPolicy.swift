/// When an exited container is started again.
public struct RestartPolicy: Codable, Sendable, Equatable {
    public enum Policy: String, Codable, Sendable, CaseIterable {
        case no
        case onFailure = "on-failure"
        case always
        case unlessStopped = "unless-stopped"
    }

    public var policy: Policy
    /// With `on-failure`: how often at most; without limit where missing.
    public var maxRetries: Int?

    public init(
        policy: Policy, maxRetries: Int? = nil
    ) {
        self.policy = policy
        self.maxRetries = maxRetries
    }
}
