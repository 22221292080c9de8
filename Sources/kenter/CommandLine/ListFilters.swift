import Glibc
import JSONRPC

/// `--filter` of lists of images, networks and volumes: of one kind any may be true, of each kind one has to be; every
/// label has to be there.
struct ListFilters {
    /// Whether an object has what stands behind a kind's `=`.
    typealias Test = @Sendable (_ object: JSONObject, _ value: String) -> Bool

    private let kinds: [(name: String, test: Test)]
    private var wanted: [String: [String]] = [:]

    /// - Parameter kinds: Besides `label`, which all objects have but images.
    init(_ filters: [String], _ kinds: [(name: String, test: Test)]) throws(CommandFailure) {
        self.kinds = kinds
        for filter in filters {
            let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, kinds.contains(where: { $0.name == parts[0] }) else {
                let known = kinds.map { "\($0.name)=…" }.joined(separator: ", ")
                throw CommandFailure("invalid filter '\(filter)': use one of \(known)")
            }
            if parts[0] == "name" { try NamePattern.check(parts[1]) }
            if parts[0] == "dangling", !["true", "false", "1", "0"].contains(parts[1]) {
                throw CommandFailure("invalid filter '\(filter)': it is either true or false")
            }
            wanted[parts[0], default: []].append(parts[1])
        }
    }

    func match(_ item: JSONValue) -> Bool {
        guard let object = item.object else { return false }
        return kinds.allSatisfy { kind in
            guard let values = wanted[kind.name] else { return true }
            return kind.name == "label"
                ? values.allSatisfy { kind.test(object, $0) } : values.contains { kind.test(object, $0) }
        }
    }

    // MARK: kinds

    static let name: Test = { object, value in NamePattern.matches(value, object["name"]?.string ?? "") }
    static let driver: Test = { object, value in object["provider"]?.string == value }

    static let label: Test = { object, value in
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let found = object["labels"]?.object?[parts[0]]?.string else { return false }
        return parts.count == 1 || found == parts[1]
    }

    /// Whether nothing stands in a list of the object, such as `usedBy`.
    static func dangling(_ member: String) -> Test {
        { object, value in (object[member]?.array ?? []).isEmpty == ["true", "1"].contains(value) }
    }
}

/// Extended regular expressions that are looked for in names, as Docker's filters do.
enum NamePattern {
    static func check(_ expression: String) throws(CommandFailure) {
        guard find(expression, in: "") != nil else {
            throw CommandFailure("invalid filter 'name=\(expression)': it is no regular expression")
        }
    }

    /// Whether the text holds a match.
    static func matches(_ expression: String, _ text: String) -> Bool { find(expression, in: text) == true }

    /// `nil` where the expression is none.
    private static func find(_ expression: String, in text: String) -> Bool? {
        var compiled = regex_t()
        guard regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
        defer { regfree(&compiled) }
        return regexec(&compiled, text, 0, nil, 0) == 0
    }
}
