/// How the engine finds out whether a container works. (Kept and shown; not yet run.)
public struct Healthcheck: Codable, Sendable, Equatable {
    /// `["CMD", arg…]`, `["CMD-SHELL", text]` or `["NONE"]`.
    public var test: [String]
    public var intervalSeconds: Double?
    public var timeoutSeconds: Double?
    public var startPeriodSeconds: Double?
    public var retries: Int?

    public init(
        test: [String] = [], intervalSeconds: Double? = nil, timeoutSeconds: Double? = nil,
        startPeriodSeconds: Double? = nil, retries: Int? = nil
    ) {
        self.test = test
        self.intervalSeconds = intervalSeconds
        self.timeoutSeconds = timeoutSeconds
        self.startPeriodSeconds = startPeriodSeconds
        self.retries = retries
    }
}
