/// How the engine finds out whether a container works: it runs a command inside, again and again.
///
/// What is missing, or 0, comes from the image's own healthcheck, and from there on has Docker's defaults.
public struct Healthcheck: Codable, Sendable, Equatable {
    /// `["CMD", arg…]`, `["CMD-SHELL", text]` for `/bin/sh -c`, `["NONE"]` for no checks, or `[]` for the image's test.
    public var test: [String]
    /// From the end of one check to the start of the next; 30 where missing.
    public var intervalSeconds: Double?
    /// A check that takes longer is killed and has failed; 30 where missing.
    public var timeoutSeconds: Double?
    /// After the start of the container; as long as no check has succeeded, failures in it do not count. 0 where missing.
    public var startPeriodSeconds: Double?
    /// In place of the interval, within the start period and until the first success; 5 where missing.
    public var startIntervalSeconds: Double?
    /// Failures in a row that make a container unhealthy; 3 where missing.
    public var retries: Int?

    public init(
        test: [String] = [], intervalSeconds: Double? = nil, timeoutSeconds: Double? = nil,
        startPeriodSeconds: Double? = nil, startIntervalSeconds: Double? = nil, retries: Int? = nil
    ) {
        self.test = test
        self.intervalSeconds = intervalSeconds
        self.timeoutSeconds = timeoutSeconds
        self.startPeriodSeconds = startPeriodSeconds
        self.startIntervalSeconds = startIntervalSeconds
        self.retries = retries
    }
}
