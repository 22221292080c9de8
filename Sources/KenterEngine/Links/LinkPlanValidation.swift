package import JSONRPC
package import KenterProtocol
import Netlink

/// Checks what a link provider returned before any of it is applied: all of it is hostile until then.
package struct LinkPlanValidation: Sendable {
    private let request: ProviderLinkPlan
    private let provider: String
    private let produces: ProviderLinkDescribe.Products
    /// Variables that somebody allowed this provider to set, whatever they are.
    private let granted: Set<String>

    /// - Parameters:
    ///   - request: What the plan answers.
    ///   - produces: What the provider said it may produce, `{ALIAS}` not yet filled in.
    package init(
        _ request: ProviderLinkPlan, provider: String, produces: ProviderLinkDescribe.Products,
        granted: Set<String> = []
    ) {
        self.request = request
        self.provider = provider
        self.produces = produces
        self.granted = granted
    }

    /// The plan as it may be applied: addresses in their canonical form, texts for people without control characters.
    ///
    /// Fails with `pluginProtocol`, naming the link, the provider and what is wrong.
    package func validated(_ plan: LinkPlan) throws(RPCError) -> LinkPlan {
        var plan = plan
        try check(plan.env)
        plan.hosts = try plan.hosts.map { entry throws(RPCError) in try checked(entry) }
        try require(plan.hosts.count <= 8, "has \(plan.hosts.count) hosts lines, more than 8")
        try check(plan.files)
        try check(plan.firewall)
        try require(plan.withheld.count <= 10_000, "withholds \(plan.withheld.count) variables, more than 10000")
        plan.env = plan.env.map { variable in
            LinkVariable(
                name: variable.name, value: variable.value, from: variable.from.map(Self.readable),
                sensitive: variable.sensitive)
        }
        plan.files = plan.files.map { file in
            LinkFile(path: file.path, mode: file.mode, content: file.content, from: file.from.map(Self.readable))
        }
        plan.firewall = plan.firewall.map { LinkPortRule(protocol: $0.protocol, ports: $0.ports) }
        plan.withheld = plan.withheld.map(Self.readable)
        plan.warnings = plan.warnings.prefix(16).map(Self.readable)
        return plan
    }

    private func check(patterns: [String], of what: String) throws(RPCError) {
        try require(patterns.count <= 64, "says that it produces more than 64 kinds of \(what)")
        for pattern in patterns {
            try require(
                NamePattern.isAllowed(pattern),
                "says that it produces \(what) by a pattern of more than \(NamePattern.bytesMaximum) bytes or "
                    + "\(NamePattern.starsMaximum) stars")
        }
    }

    // MARK: variables

    private func check(_ variables: [LinkVariable]) throws(RPCError) {
        // More than a process can have; far more than four for each of many thousand ports.
        try require(variables.count <= 65_536, "sets \(variables.count) variables, more than 65536")
        let prefix = LinkAlias.prefix(request.alias)
        try check(patterns: produces.env, of: "variables")
        let patterns = produces.env.map { NamePattern($0.replacing("{ALIAS}", with: prefix)) }
        var names: Set<String> = []
        for variable in variables {
            let name = variable.name
            // Made only where something is refused: a source may have thousands of variables.
            var shown: String { LinkAlias.quoted(String(name.prefix(64))) }
            try require(
                !name.isEmpty && name.utf8.count <= 4096 && !name.contains("=") && !Self.hasControls(name),
                "sets a variable with the impossible name \(shown)")
            try require(!variable.value.utf8.contains(0), "sets \(shown) to a value with a NUL")
            try require(names.insert(name).inserted, "sets \(shown) twice")
            try require(
                patterns.contains { $0.matches(name) },
                "sets \(shown), which is none of the variables that the provider says it produces")
            try require(
                !Self.isDelicate(name) || Self.isOfLink(name, prefix: prefix) || granted.contains(name),
                "sets \(shown), which changes how programs run: it needs a grant")
        }
    }

    /// Whether it is one that a legacy link sets: `A_NAME`, `A_PORT…`, `A_ENV_<N>`.
    private static func isOfLink(_ name: String, prefix: String) -> Bool {
        guard name.hasPrefix("\(prefix)_") else { return false }
        let rest = name.dropFirst(prefix.count + 1)
        return rest == "NAME" || rest == "PORT" || rest.hasPrefix("PORT_")
            || (rest.hasPrefix("ENV_") && rest.count > "ENV_".count)
    }

    private static let delicateNames: Set<String> = ["PATH", "HOME", "IFS", "ENV", "JAVA_TOOL_OPTIONS"]
    private static let delicatePrefixes = [
        "BASH_", "LD_", "GLIBC_", "PYTHON", "PERL5", "RUBY", "NODE_",
    ]

    /// Whether the variable changes what the loader, a shell or an interpreter does, or where its traffic goes.
    private static func isDelicate(_ name: String) -> Bool {
        let name = name.uppercased()
        return delicateNames.contains(name) || delicatePrefixes.contains { name.hasPrefix($0) }
            || name.hasSuffix("_PROXY")
    }

    // MARK: hosts

    private func checked(_ entry: LinkHostsEntry) throws(RPCError) -> LinkHostsEntry {
        var shown: String { LinkAlias.quoted(String(entry.address.prefix(64))) }
        guard let address = IPAddress(entry.address) else {
            throw refusal("has a hosts line for \(shown), which is no address")
        }
        let own = [request.source.addresses.ipv4, request.source.addresses.ipv6].compactMap { $0 }
        try require(
            own.contains { IPAddress($0) == address },
            "has a hosts line for \(shown), which is no address of the source")
        try require(!entry.names.isEmpty && entry.names.count <= 3, "has a hosts line without or with too many names")
        let known = [request.alias, request.source.hostname, request.source.name]
        for name in entry.names {
            try require(
                known.contains(name) && !name.isEmpty && !Self.hasControls(name) && !name.contains { $0.isWhitespace },
                "has a hosts line with the name \(LinkAlias.quoted(String(name.prefix(64)))), "
                    + "which is neither the alias nor the hostname nor the name of the source")
        }
        return LinkHostsEntry(address: address.description, names: entry.names)
    }

    // MARK: files

    private func check(_ files: [LinkFile]) throws(RPCError) {
        try require(files.count <= 256, "has \(files.count) files, more than 256")
        try require(
            files.reduce(0) { $0 + $1.content.utf8.count } <= 1 << 20, "has files of more than 1 MiB together")
        try check(patterns: produces.files, of: "files")
        let patterns = produces.files.map(NamePattern.init)
        var paths: Set<String> = []
        for file in files {
            var shown: String { LinkAlias.quoted(String(file.path.prefix(64))) }
            let components = file.path.split(separator: "/", omittingEmptySubsequences: false)
            try require(
                components.count <= 4 && components.allSatisfy { Self.isFileName($0) },
                "has a file with the impossible path \(shown)")
            try require(
                patterns.contains { $0.matches(file.path) },
                "has the file \(shown), which is none of those that the provider says it produces")
            try require(
                file.mode == "0444" || file.mode == "0440", "gives the file \(shown) a mode that is not 0444 or 0440")
            try require(paths.insert(file.path).inserted, "has the file \(shown) twice")
        }
        for path in paths {
            let parents = path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
            try require(
                !parents.contains { paths.contains($0) },
                "has \(LinkAlias.quoted(path)) below another of its files")
        }
    }

    /// A name that begins with a dot could be one of the engine's own, or lead upwards.
    private static func isFileName(_ name: Substring) -> Bool {
        !name.hasPrefix(".") && (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    // MARK: firewall

    private func check(_ rules: [LinkPortRule]) throws(RPCError) {
        var exposed: [Port.TransportProtocol: Set<UInt16>] = [:]
        for text in request.source.exposedPorts {
            if let port = PortRange.parseExposed(text) { exposed[port.protocol, default: []].formUnion(port.ports) }
        }
        var count = 0
        for rule in rules {
            for text in rule.ports {
                var shown: String { LinkAlias.quoted("\(text.prefix(32))/\(rule.protocol.rawValue)") }
                guard let range = PortRange.parse(text[...]) else { throw refusal("opens \(shown), which is no port") }
                count += range.count
                try require(count <= 65_535 * 3, "opens more ports than there are")
                let ports = exposed[rule.protocol] ?? []
                try require(
                    range.allSatisfy { ports.contains($0) }, "opens \(shown), which the source does not expose")
            }
        }
    }

    // MARK: texts

    /// C0, DEL and C1.
    private static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
    }

    /// At most 512 characters, without what could disturb a terminal.
    private static func readable(_ text: String) -> String {
        if text.utf8.count <= 512, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
        return String(LinkAlias.quoted(String(text.prefix(512))).dropFirst().dropLast())
    }

    private func require(_ condition: Bool, _ fault: @autoclosure () -> String) throws(RPCError) {
        if !condition { throw refusal(fault()) }
    }

    private func refusal(_ fault: String) -> RPCError {
        RPCError(
            .pluginProtocol,
            "the link provider '\(provider)' \(fault) (link \(request.consumer.name)/\(request.alias)); "
                + "nothing was applied")
    }
}
