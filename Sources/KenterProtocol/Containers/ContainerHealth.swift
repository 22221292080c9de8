/// What a container's healthcheck says of it.
public enum HealthStatus: String, Codable, Sendable, CaseIterable {
    /// No check has succeeded yet, and not enough of them have failed.
    case starting
    case healthy
    case unhealthy
}

/// A container's health since it was started, and the last checks it follows from.
public struct ContainerHealth: Codable, Sendable, Equatable {
    /// One check.
    public struct Result: Codable, Sendable, Equatable {
        /// RFC 3339, UTC.
        public var startedAt: Timestamp
        public var finishedAt: Timestamp
        /// 0 is success; -1 for a check that exceeded its time.
        public var exitCode: Int
        /// The first 4,096 bytes of what it wrote to standard output and error, or why it could not run.
        public var output: String

        public init(startedAt: Timestamp, finishedAt: Timestamp, exitCode: Int, output: String) {
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.exitCode = exitCode
            self.output = output
        }
    }

    public var status: HealthStatus
    /// Failures in a row that count.
    public var failingStreak: Int
    /// The last five, oldest first.
    public var results: [Result]

    public init(status: HealthStatus, failingStreak: Int = 0, results: [Result] = []) {
        self.status = status
        self.failingStreak = failingStreak
        self.results = results
    }
}
