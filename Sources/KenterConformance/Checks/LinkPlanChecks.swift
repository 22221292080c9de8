import JSONRPC
import KenterProtocol

/// What a plan may hold; the engine refuses a plan that holds anything else.
enum LinkPlanChecks {
    static let all: [Check] = [
        Check(
            "link.plan.env-names", "variables have possible names, each once, and values without NUL",
            needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            try each(bench) { request, plan in
                var names: Set<String> = []
                for variable in plan.env {
                    let name = variable.name
                    let hasControls = name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
                    if name.isEmpty || name.contains("=") || hasControls { return "it sets a variable named '\(name)'" }
                    if variable.value.utf8.contains(0) { return "the value of \(name) holds a NUL" }
                    if !names.insert(name).inserted { return "it sets \(name) twice" }
                }
                return nil
            }
        },
        Check(
            "link.plan.env-declared", "every variable matches a pattern of produces.env", needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            let patterns = bench.describedProducts.env
            try each(bench) { request, plan in
                let prefix = prefix(request.alias)
                let stranger = plan.env.map(\.name).first { name in
                    !patterns.contains { matches(name, pattern: $0.replacing("{ALIAS}", with: prefix)) }
                }
                return stranger.map { "it sets \($0), which none of its patterns \(patterns) matches" }
            }
        },
        Check(
            "link.plan.env-delicate", "it sets no variable that changes how programs run, unless a grant is asked for",
            needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            let patterns = bench.describedProducts.env
            try each(bench) { request, plan in
                let prefix = "\(prefix(request.alias))_"
                let delicate = plan.env.map(\.name).first { name in
                    isDelicate(name) && !patterns.contains(name)
                        && !(name.hasPrefix("\(prefix)ENV_") || name.hasPrefix("\(prefix)PORT")
                            || name == "\(prefix)NAME")
                }
                return delicate.map { "it sets \($0); name it in produces.env, and enable it with --grant env=\($0)" }
            }
        },
        Check(
            "link.plan.hosts", "hosts lines have addresses of the source, and no names but alias, hostname and source",
            needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            try each(bench) { request, plan in
                let own = [request.source.addresses.ipv4, request.source.addresses.ipv6].compactMap { $0 }
                let names = [request.alias, request.source.hostname, request.source.name]
                for entry in plan.hosts {
                    if !own.contains(entry.address) { return "'\(entry.address)' is no address of the source" }
                    if entry.names.isEmpty || entry.names.count > 3 { return "a line has \(entry.names.count) names" }
                    if let name = entry.names.first(where: { !names.contains($0) }) {
                        return "'\(name)' is not its name"
                    }
                }
                return nil
            }
        },
        Check(
            "link.plan.files", "files have declared paths without '..', each once, and the mode 0444 or 0440",
            needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            let patterns = bench.describedProducts.files
            try each(bench) { request, plan in
                var paths: Set<String> = []
                for file in plan.files {
                    let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
                    if parts.count > 4 || parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") }) {
                        return "a file has the path '\(file.path)'"
                    }
                    if !patterns.contains(where: { matches(file.path, pattern: $0) }) {
                        return "the file '\(file.path)' matches none of \(patterns)"
                    }
                    if file.mode != "0444" && file.mode != "0440" { return "'\(file.path)' has the mode \(file.mode)" }
                    if !paths.insert(file.path).inserted { return "there are two files '\(file.path)'" }
                }
                return nil
            }
        },
        Check(
            "link.plan.firewall", "it opens only ports that the source exposes", needs: LinkChecks.planned
        ) { bench throws(CheckEnd) in
            try each(bench) { request, plan in
                for rule in plan.firewall {
                    for text in rule.ports {
                        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
                        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
                            first <= last
                        else { return "'\(text)' is no port" }
                        let closed = (first...last).first {
                            !request.source.exposedPorts.contains("\($0)/\(rule.protocol.rawValue)")
                        }
                        if let closed { return "it opens \(closed)/\(rule.protocol.rawValue), which is not exposed" }
                    }
                }
                return nil
            }
        },
    ]

    /// Looks at every plan; shows the one at fault.
    private static func each(
        _ bench: Bench, _ fault: (ProviderLinkPlan, LinkPlan) -> String?
    ) throws(CheckEnd) {
        for (request, plan) in bench.plans {
            guard let text = fault(request, plan) else { continue }
            bench.transcript.add("→", JSONValue.object(try PluginSession.params(request)).bytes)
            do {
                bench.transcript.add("←", try JSONValueEncoder().encode(plan).bytes)
            } catch {
                bench.transcript.note("\(error)")
            }
            throw .failed("link '\(request.alias)': \(text)")
        }
    }

    /// The alias as it begins the names of variables.
    static func prefix(_ alias: String) -> String { alias.uppercased().replacing("-", with: "_") }

    /// A pattern in which `*` stands for any characters.
    static func matches(_ name: String, pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return name == pattern }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    /// The names that the engine takes only with a grant: those that the loader, a shell or an interpreter acts upon, and where traffic goes.
    private static func isDelicate(_ name: String) -> Bool {
        let name = name.uppercased()
        return ["PATH", "HOME", "IFS", "ENV", "JAVA_TOOL_OPTIONS"].contains(name) || name.hasSuffix("_PROXY")
            || ["BASH_", "LD_", "GLIBC_", "PYTHON", "PERL5", "RUBY", "NODE_"].contains { name.hasPrefix($0) }
    }
}
