import JSONRPC
import KenterProtocol

/// A healthcheck with every default filled in.
struct HealthPlan: Sendable, Equatable {
    /// What to run inside the container.
    let arguments: [String]
    let interval: Duration
    let timeout: Duration
    let startPeriod: Duration
    let startInterval: Duration
    let retries: Int

    /// `nil` where nothing is to be checked.
    init?(_ check: Healthcheck?) {
        guard let check, check.test.count > 1 else { return nil }
        switch check.test[0] {
        case "CMD": arguments = Array(check.test.dropFirst())
        case "CMD-SHELL": arguments = ["/bin/sh", "-c", check.test[1]]
        default: return nil
        }
        interval = Self.duration(check.intervalSeconds, orElse: 30)
        timeout = Self.duration(check.timeoutSeconds, orElse: 30)
        startPeriod = Self.duration(check.startPeriodSeconds, orElse: 0)
        startInterval = Self.duration(check.startIntervalSeconds, orElse: 5)
        retries = check.retries.flatMap { $0 > 0 ? $0 : nil } ?? 3
    }

    /// A year is as good as for ever, and surely no more than any clock can bear.
    static let longestSeconds: Double = 366 * 24 * 3600

    private static func duration(_ seconds: Double?, orElse normal: Double) -> Duration {
        guard let seconds, seconds > 0 else { return .seconds(normal) }
        return .seconds(min(seconds, longestSeconds))
    }
}

extension HealthPlan {
    /// What a container's healthcheck is, after its creator's wishes and its image; Docker's rules and texts.
    static func healthcheck(_ own: Healthcheck?, image: Healthcheck?) throws(RPCError) -> Healthcheck? {
        guard var check = own else { return image }
        try validate(check)
        if check.test == ["NONE"] { return Healthcheck(test: ["NONE"]) }
        if check.test.isEmpty { check.test = image?.test ?? [] }
        check.intervalSeconds = given(check.intervalSeconds) ?? image?.intervalSeconds
        check.timeoutSeconds = given(check.timeoutSeconds) ?? image?.timeoutSeconds
        check.startPeriodSeconds = given(check.startPeriodSeconds) ?? image?.startPeriodSeconds
        check.startIntervalSeconds = given(check.startIntervalSeconds) ?? image?.startIntervalSeconds
        check.retries = check.retries.flatMap { $0 > 0 ? $0 : nil } ?? image?.retries
        return check
    }

    private static func given(_ seconds: Double?) -> Double? { seconds.flatMap { $0 > 0 ? $0 : nil } }

    private static func validate(_ check: Healthcheck) throws(RPCError) {
        switch (check.test.first, check.test.count) {
        case (nil, _), ("NONE", 1), ("CMD", 2...), ("CMD-SHELL", 2): break
        default:
            throw RPCError(
                .invalidParams,
                "invalid healthcheck: its test is [\"CMD\", argument…], [\"CMD-SHELL\", text] or [\"NONE\"]")
        }
        let times = [
            ("Interval", check.intervalSeconds), ("Timeout", check.timeoutSeconds),
            ("StartPeriod", check.startPeriodSeconds), ("StartInterval", check.startIntervalSeconds),
        ]
        for case (let name, let seconds?) in times where seconds != 0 {
            guard seconds >= 0.001 else {
                throw RPCError(.invalidParams, "\(name) in Healthcheck cannot be less than 1ms")
            }
            guard seconds <= longestSeconds else {
                throw RPCError(.invalidParams, "\(name) in Healthcheck cannot be more than a year")
            }
        }
        if let retries = check.retries, retries < 0 {
            throw RPCError(.invalidParams, "Retries in Healthcheck cannot be negative")
        }
    }
}
