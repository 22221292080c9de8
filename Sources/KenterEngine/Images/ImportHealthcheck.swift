import JSONRPC
import KenterProtocol

/// The instruction `HEALTHCHECK [--option=value…] CMD command`, or `HEALTHCHECK NONE`.
enum ImportHealthcheck {
    /// Reads what follows the instruction's name. Fails with `invalidParams`, in Docker's words.
    static func parse(_ text: String) throws(RPCError) -> Healthcheck {
        var check = Healthcheck()
        var rest = text[...]
        while rest.hasPrefix("--") {
            let word = rest.prefix { !$0.isWhitespace }
            try set(String(word), &check)
            rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
        }
        let kind = rest.prefix { !$0.isWhitespace }
        let command = String(rest.dropFirst(kind.count).drop(while: \.isWhitespace))
        switch kind.uppercased() {
        case "NONE":
            guard command.isEmpty else { throw invalid("HEALTHCHECK NONE takes no arguments") }
            return Healthcheck(test: ["NONE"])
        case "CMD":
            guard !command.isEmpty else { throw invalid("Missing command after HEALTHCHECK CMD") }
            let words = ImportChanges.array(command)
            guard words?.isEmpty != true else { throw invalid("Missing command after HEALTHCHECK CMD") }
            check.test = words.map { ["CMD"] + $0 } ?? ["CMD-SHELL", command]
            return try HealthPlan.healthcheck(check, image: nil) ?? check
        default: throw invalid("Unknown type \(escapedForMessage(kind)) in HEALTHCHECK (try CMD)")
        }
    }

    private static func set(_ option: String, _ check: inout Healthcheck) throws(RPCError) {
        let parts = option.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let (name, value) = (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
        switch name {
        case "interval": check.intervalSeconds = try seconds(name, value)
        case "timeout": check.timeoutSeconds = try seconds(name, value)
        case "start-period": check.startPeriodSeconds = try seconds(name, value)
        case "start-interval": check.startIntervalSeconds = try seconds(name, value)
        case "retries":
            guard let retries = Int(value), retries >= 0 else {
                throw invalid("--retries must be a whole number from 0 on, not \(escapedForMessage(value))")
            }
            check.retries = retries
        default: throw invalid("Unknown flag of HEALTHCHECK: \(escapedForMessage(name))")
        }
    }

    private static func seconds(_ name: String, _ value: String) throws(RPCError) -> Double {
        guard let seconds = DurationText.seconds(value) else {
            let found = escapedForMessage(value)
            throw invalid("--\(name) of HEALTHCHECK must be a length of time such as 30s, not \(found)")
        }
        return seconds
    }

    private static func invalid(_ text: String) -> RPCError { RPCError(.invalidParams, text) }
}
