/// What a consumer's start waits for, at one of its links.
package struct LinkWait: Codable, Sendable, Equatable {
    package enum Condition: String, Codable, Sendable, CaseIterable {
        /// The source runs.
        case started
        /// Its healthcheck succeeds.
        case healthy
        /// Every TCP port it exposes takes connections.
        case tcp
    }

    package var condition: Condition
    /// The start fails when it has waited that long.
    package var seconds: Double

    package init(condition: Condition, seconds: Double) {
        self.condition = condition
        self.seconds = seconds
    }
}
