package import JSONRPC
import KenterProtocol

/// What one `--link` asks for: `source[:alias][,key=value…]`.
///
/// The inspected form `/db:/web/db` is one, too. Everything that can be refused without looking at any container is
/// refused here, with Docker's texts where Docker has one.
package struct LinkSpecification: Sendable, Equatable {
    /// What a consumer's start waits for.
    package enum Readiness: String, Sendable, CaseIterable {
        case started, healthy, tcp
    }

    /// A name, an id, a prefix of one, or another link's path, without a leading `/`.
    package var source: String
    package var alias: String
    /// The link provider; `nil` for the default one.
    package var provider: String?
    /// Whether the link follows the source's name instead of the container.
    package var rebindsByName = false
    package var wait: Readiness?
    /// What only the provider knows.
    package var options: [String: String] = [:]

    /// Parses the text form; every failure has the kind `invalidParams`.
    package init(_ text: String) throws(RPCError) {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        let parts = items[0].split(separator: ":", omittingEmptySubsequences: false)
        if items[0].isEmpty { throw RPCError(.invalidParams, "empty string specified for links") }
        guard parts.count <= 2 else {
            throw RPCError(.invalidParams, "bad format for links: \(text)")
        }
        let source = parts[0]
        try self.init(source: String(source), alias: Self.alias(in: parts))
        for item in items.dropFirst() {
            guard let equals = item.firstIndex(of: "="), equals > item.startIndex else {
                throw RPCError(
                    .invalidParams,
                    "invalid link option \(LinkAlias.quoted(String(item))) in \(LinkAlias.quoted(text)): "
                        + "write it as name=value")
            }
            try set(String(item[..<equals]), to: String(item[item.index(after: equals)...]))
        }
    }

    /// A link by its parts, as `link.create` names them.
    package init(
        source: String, alias: String?, provider: String? = nil, options: [String: String] = [:]
    ) throws(RPCError) {
        self.source = source.hasPrefix("/") ? String(source.dropFirst()) : source
        if let alias {
            self.alias = alias.hasPrefix("/") ? String(alias.dropFirst()) : alias
        } else {
            self.alias = self.source
            if self.source.contains("/") {
                throw RPCError(
                    .invalidParams,
                    "invalid link alias \(LinkAlias.quoted(self.source)): "
                        + "name an alias for a link path, as in \(self.source):db")
            }
        }
        guard !self.source.isEmpty else { throw LinkRefusal.noSuchContainer(self.source) }
        try LinkAlias.check(self.alias)
        self.provider = provider
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { try set(name, to: value) }
    }

    private static func alias(in parts: [Substring]) -> String? {
        guard parts.count == 2 else { return nil }
        // As inspect shows it: /source:/consumer/alias.
        if parts[0].hasPrefix("/"), parts[1].hasPrefix("/"), let slash = parts[1].lastIndex(of: "/") {
            return String(parts[1][parts[1].index(after: slash)...])
        }
        return String(parts[1])
    }

    private mutating func set(_ name: String, to value: String) throws(RPCError) {
        switch name {
        case "provider":
            guard provider == nil else { throw Self.repeated(name) }
            provider = value
        case "rebind":
            guard value == "id" || value == "name" else { throw Self.invalid(name, value, "'id' or 'name'") }
            rebindsByName = value == "name"
        case "wait":
            guard let readiness = Readiness(rawValue: value) else {
                throw Self.invalid(name, value, "'started', 'healthy' or 'tcp'")
            }
            wait = readiness
        default:
            guard options[name] == nil else { throw Self.repeated(name) }
            options[name] = value
        }
    }

    private static func invalid(_ name: String, _ value: String, _ allowed: String) -> RPCError {
        RPCError(
            .invalidParams, "invalid value \(LinkAlias.quoted(value)) of the link option '\(name)': it takes \(allowed)"
        )
    }

    private static func repeated(_ name: String) -> RPCError {
        RPCError(.invalidParams, "the link option \(LinkAlias.quoted(name)) is given twice")
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
