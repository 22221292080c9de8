import JSONRPC
import KenterProtocol

/// The options of one link.
struct LinkOptions {
    /// Which of the source's variables pass.
    enum Inheritance: String, CaseIterable {
        case all, safe, none
    }

    /// What stands in values that name the source.
    enum AddressForm: String, CaseIterable {
        case ip, name
    }

    /// Whose rules: those of Docker Engine 28, or of its predecessors.
    enum Rules: String, CaseIterable {
        case v28, v27
    }

    private enum Switch: String, CaseIterable {
        case no, yes
    }

    var env = Inheritance.all
    var allow: [Glob] = []
    var deny: [Glob] = []
    var address = AddressForm.ip
    var projectsFiles = false
    var rules = Rules.v28

    private static let names = ["env", "allow", "deny", "address", "files", "rules"]

    /// Fails with `invalidParams` for an unknown option or value, naming it and what is allowed.
    init(_ options: [String: String]) throws {
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "env": env = try Self.choice(name, value)
            case "allow": allow = try Self.globs(name, value)
            case "deny": deny = try Self.globs(name, value)
            case "address": address = try Self.choice(name, value)
            case "files": projectsFiles = try Self.choice(name, value) == Switch.yes
            case "rules": rules = try Self.choice(name, value)
            default:
                throw RPCError(
                    .invalidParams,
                    "unknown link option '\(name)': link-legacy takes \(Self.list(Self.names)); "
                        + "the engine takes wait, wait-timeout, rebind and provider")
            }
        }
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(_ name: String, _ value: String) throws -> Value
    where Value.RawValue == String {
        if let choice = Value(rawValue: value) { return choice }
        let allowed = list(Value.allCases.map { "'\($0.rawValue)'" })
        throw RPCError(.invalidParams, "invalid value '\(value)' of the link option '\(name)': it takes \(allowed)")
    }

    private static func globs(_ name: String, _ value: String) throws -> [Glob] {
        let patterns = value.split(separator: ":")
        guard !patterns.isEmpty else {
            throw RPCError(
                .invalidParams,
                "invalid value '\(value)' of the link option '\(name)': "
                    + "it takes patterns of variable names, separated by ':', such as 'MYSQL_*:LANG'")
        }
        return patterns.map { Glob(String($0)) }
    }

    private static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.joined() }
        return "\(items.dropLast().joined(separator: ", ")) or \(last)"
    }

    /// The options as a JSON Schema.
    static var schema: JSONObject {
        func choice<Value: RawRepresentable & CaseIterable>(_ type: Value.Type, _ text: JSONValue) -> JSONValue
        where Value.RawValue == String {
            let values = Value.allCases.map(\.rawValue)
            var schema: JSONObject = ["type": "string", "description": text]
            schema["enum"] = .array(values.map { .string($0) })
            schema["default"] = values.first.map { .string($0) }
            return .object(schema)
        }
        func globs(_ text: JSONValue) -> JSONValue { ["type": "string", "minLength": 1, "description": text] }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "env": choice(
                    Inheritance.self,
                    "The source's own variables: all, those that do not look secret, or none."),
                "allow": globs("Only variables whose names match one of these patterns, separated by ':', pass."),
                "deny": globs("Variables whose names match one of these patterns, separated by ':', do not pass."),
                "address": choice(
                    AddressForm.self, "What values name the source by: its address, or the alias, which stays true."),
                "files": choice(Switch.self, "Whether /run/kenter/links/<alias>/ holds the address in files."),
                "rules": choice(Rules.self, "How ports are ordered and grouped: as Docker Engine 28 does, or 27."),
            ],
        ]
    }
}
