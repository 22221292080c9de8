package import JSONRPC
import KenterProtocol
package import KenterState

/// What one `--link` asks for: `source[:alias][,key=value…]`.
///
/// The inspected form `/db:/web/db` is one, too. Everything that can be refused without looking at any container is
/// refused here, with Docker's texts where Docker has one.
package struct LinkSpecification: Sendable, Equatable {
    /// How long a consumer's start waits where its link does not say.
    package static let waitSeconds: Double = 120

    /// A name, an id, a prefix of one, or another link's path, without a leading `/`.
    package var source: String
    package var alias: String
    /// The link provider; `nil` for the default one.
    package var provider: String?
    /// Whether the link follows the source's name instead of the container.
    package var rebindsByName = false
    /// What a consumer's start waits for.
    package var wait: LinkWait.Condition?
    /// The longest wait; ``waitSeconds`` where missing.
    package var waitLimitSeconds: Double?
    /// What only the provider knows.
    package var options: [String: String] = [:]
    private var given: Set<String> = []

    /// Parses a link by its parts, as `link.create` names them; every failure has the kind `invalidParams`.
    ///
    /// - Parameter text: A source alone, or the whole form with alias and options. Nothing may be said twice.
    package init(
        _ text: String, alias: String? = nil, provider: String? = nil, options: [String: String] = [:]
    ) throws(RPCError) {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        let parts = items[0].split(separator: ":", omittingEmptySubsequences: false)
        if items[0].isEmpty { throw RPCError(.invalidParams, "empty string specified for links") }
        guard parts.count <= 2 else {
            throw RPCError(.invalidParams, "bad format for links: \(text)")
        }
        if alias != nil, parts.count == 2 {
            throw RPCError(
                .invalidParams, "the alias of the link is given twice, also in \(LinkAlias.quoted(text)): leave one out"
            )
        }
        source = String(parts[0].hasPrefix("/") ? parts[0].dropFirst() : parts[0])
        self.alias = try Self.alias(Self.alias(in: parts) ?? alias, source: source)
        guard !source.isEmpty else { throw LinkRefusal.noSuchContainer(source) }
        try LinkAlias.check(self.alias)
        if let provider { try set("provider", to: provider) }
        for item in items.dropFirst() { try set(item, of: text) }
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { try set(name, to: value) }
    }

    /// The alias without a leading `/`; where none is given, the source as written.
    private static func alias(_ given: String?, source: String) throws(RPCError) -> String {
        if let given { return given.hasPrefix("/") ? String(given.dropFirst()) : given }
        guard !source.contains("/") else {
            throw RPCError(
                .invalidParams,
                "invalid link alias \(LinkAlias.quoted(source)): name an alias for a link path, as in \(source):db")
        }
        return source
    }

    private static func alias(in parts: [Substring]) -> String? {
        guard parts.count == 2 else { return nil }
        // As inspect shows it: /source:/consumer/alias.
        if parts[0].hasPrefix("/"), parts[1].hasPrefix("/"), let slash = parts[1].lastIndex(of: "/") {
            return String(parts[1][parts[1].index(after: slash)...])
        }
        return String(parts[1])
    }

    private mutating func set(_ item: Substring, of text: String) throws(RPCError) {
        guard let equals = item.firstIndex(of: "="), equals > item.startIndex else {
            throw RPCError(
                .invalidParams,
                "invalid link option \(LinkAlias.quoted(String(item))) in \(LinkAlias.quoted(text)): "
                    + "write it as name=value")
        }
        try set(String(item[..<equals]), to: String(item[item.index(after: equals)...]))
    }

    private mutating func set(_ name: String, to value: String) throws(RPCError) {
        guard given.insert(name).inserted else {
            throw RPCError(.invalidParams, "the link option \(LinkAlias.quoted(name)) is given twice")
        }
        switch name {
        case "provider": provider = value
        case "rebind":
            guard value == "id" || value == "name" else { throw Self.invalid(name, value, "'id' or 'name'") }
            rebindsByName = value == "name"
        case "wait":
            guard let condition = LinkWait.Condition(rawValue: value) else {
                throw Self.invalid(name, value, "'started', 'healthy' or 'tcp'")
            }
            wait = condition
        case "wait-timeout":
            guard let seconds = DurationText.seconds(value), seconds > 0, seconds <= HealthPlan.longestSeconds else {
                throw Self.invalid(name, value, "a length of time such as 90s or 5m")
            }
            waitLimitSeconds = seconds
        default: options[name] = value
        }
    }

    private static func invalid(_ name: String, _ value: String, _ allowed: String) -> RPCError {
        RPCError(
            .invalidParams, "invalid value \(LinkAlias.quoted(value)) of the link option '\(name)': it takes \(allowed)"
        )
    }
}

extension LinkSpecification {
    /// Parses all links of one consumer.
    ///
    /// Fails with `invalidParams`, also when two have the same alias.
    package static func parse(_ texts: [String]) throws(RPCError) -> [LinkSpecification] {
        var specifications: [LinkSpecification] = []
        var sources: [String: String] = [:]
        for text in texts {
            let specification = try LinkSpecification(text)
            if let other = sources.updateValue(specification.source, forKey: specification.alias) {
                throw LinkRefusal.aliasTaken(specification.alias, by: other)
            }
            specifications.append(specification)
        }
        return specifications
    }
}
