import TestSupport

/// Which id and address of this run stands for which of the recording.
struct GoldenIdentities {
    /// Full id in the recording → full id here.
    private var ids: [String: String] = [:]
    /// Address in the recording → address here, as far as a step asked for it.
    private var addresses: [String: String] = [:]

    func isShortID(_ word: String) -> Bool { ids.values.contains { $0.hasPrefix(word) && word.count == 12 } }

    /// The recorded command line with this run's ids, addresses and paths.
    func translate(_ arguments: [String], scratch: String) -> [String] {
        arguments.map { argument in
            var text = argument.replacing("<tmp>", with: scratch).replacing("<missing>", with: "\(scratch)-missing")
            for (recorded, own) in ids {
                text = text.replacing(recorded, with: own)
                text = text.replacing(recorded.prefix(12), with: own.prefix(12))
                if text.hasPrefix("\(recorded.prefix(4)):") { text = "\(own.prefix(4))\(text.dropFirst(4))" }
            }
            for (recorded, own) in addresses where recorded != own {
                text = text.replacing(recorded, with: own)
            }
            return text
        }
    }

    /// Takes up what a step tells about containers: the id that `run -d` and `create` print, the address of `inspect`.
    mutating func learn(recorded: GoldenScenario.Step, observed: CommandResult, scenario: GoldenScenario) {
        guard recorded.exit == 0, observed.exit == 0, recorded.arguments.count > 1 else { return }
        let (theirs, own) = (recorded.output.split(separator: "\n"), observed.lines)
        if ["run", "create"].contains(recorded.arguments[1]), theirs.count == 1, own.count == 1 {
            if isFullID(String(theirs[0])) && isFullID(own[0]) { ids[String(theirs[0])] = own[0] }
        }
        if recorded.arguments.contains("{{.NetworkSettings.IPAddress}}"), theirs.count == 1, own.count == 1 {
            addresses[String(theirs[0])] = own[0]
        }
    }

    /// A recorded text with this run's ids and addresses; what was never learnt is written as a class of things.
    func normalizeRecorded(_ text: String) -> String {
        var text = text
        for (recorded, own) in ids {
            text = text.replacing(recorded, with: own).replacing(recorded.prefix(12), with: own.prefix(12))
            text = text.replacing(recorded.uppercased(), with: own.uppercased())
            text = text.replacing(recorded.prefix(12).uppercased(), with: own.prefix(12).uppercased())
            text = text.replacing("\(recorded.prefix(4).uppercased())_", with: "\(own.prefix(4).uppercased())_")
        }
        text = text.replacing(Self.address) { match in
            addresses[String(match.output)] ?? (match.output.hasSuffix(".0.1") ? "<gateway>" : "<address>")
        }
        return withoutUnknownIDs(text)
    }

    func normalizeObserved(_ text: String) -> String {
        let text = text.replacing(Self.address) { match in
            if addresses.values.contains(String(match.output)) { return String(match.output) }
            return match.output.hasSuffix(".0.1") ? "<gateway>" : "<address>"
        }
        return withoutUnknownIDs(text)
    }

    private static var address: Regex<Substring> { /\b172\.[0-9]+\.[0-9]+\.[0-9]+\b/ }

    private func withoutUnknownIDs(_ text: String) -> String {
        text.replacing(/\b[0-9a-f]{64}\b/) { match in
            ids.values.contains(String(match.output)) ? String(match.output) : "<id>"
        }.replacing(/\b[0-9a-f]{12}\b/) { match in
            isShortID(String(match.output)) ? String(match.output) : "<short id>"
        }
    }

    private func isFullID(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{64}/) != nil }
}
