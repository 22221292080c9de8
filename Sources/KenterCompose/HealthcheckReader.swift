import JSONRPC
import KenterProtocol

/// Reads `healthcheck`.
enum HealthcheckReader {
    static func read(_ node: ComposeNode) throws(ComposeError) -> Healthcheck {
        var check = Healthcheck()
        var isDisabled = false
        for (name, value) in try node.members() where !name.hasPrefix("x-") {
            switch name {
            case "test": check.test = try test(value)
            case "interval": check.intervalSeconds = try value.seconds()
            case "timeout": check.timeoutSeconds = try value.seconds()
            case "start_period": check.startPeriodSeconds = try value.seconds()
            case "start_interval": check.startIntervalSeconds = try value.seconds()
            case "retries": check.retries = try value.integer()
            case "disable": isDisabled = try value.bool()
            default: throw ComposeError(value.path, "a healthcheck has no such key")
            }
        }
        return isDisabled || check.test == ["NONE"] ? Healthcheck(test: ["NONE"]) : check
    }

    /// A text is for a shell.
    private static func test(_ node: ComposeNode) throws(ComposeError) -> [String] {
        guard node.value.array != nil else { return ["CMD-SHELL", try node.text()] }
        let words = try node.texts()
        guard let kind = words.first, ["CMD", "CMD-SHELL", "NONE"].contains(kind) else {
            throw ComposeError(node.path, "the list begins with CMD, CMD-SHELL or NONE")
        }
        return words
    }
}
