/// The source's own variables, sorted into those that pass and those that an option holds back.
struct InheritedEnvironment {
    struct Variable {
        var name: String
        var value: String
        var looksSecret: Bool
    }

    private(set) var passed: [Variable] = []
    /// Names, in the source's order.
    private(set) var withheld: [String] = []

    /// - Parameter env: `NAME=VALUE`, split at the first `=`; entries without one, HOME and PATH are skipped. Of a name
    ///   that stands twice the last value counts, as for a process.
    init(_ env: [String], options: LinkOptions) {
        for variable in Self.variables(env) {
            if Self.passes(variable, options) {
                passed.append(variable)
            } else {
                withheld.append(variable.name)
            }
        }
    }

    private static func variables(_ env: [String]) -> [Variable] {
        var variables: [Variable] = []
        var indices: [String: Int] = [:]
        for entry in env {
            guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(entry[..<equals])
            let value = String(entry[entry.utf8.index(after: equals)...])
            if name.isEmpty || name == "HOME" || name == "PATH" { continue }
            let variable = Variable(
                name: name, value: value, looksSecret: SecretNames.looksSecret(name: name, value: value))
            if let index = indices[name] {
                variables[index] = variable
            } else {
                indices[name] = variables.count
                variables.append(variable)
            }
        }
        return variables
    }

    private static func passes(_ variable: Variable, _ options: LinkOptions) -> Bool {
        let isInherited =
            switch options.env {
            case .all: true
            case .safe: !variable.looksSecret
            case .none: false
            }
        guard isInherited else { return false }
        if options.deny.contains(where: { $0.matches(variable.name) }) { return false }
        return options.allow.isEmpty || options.allow.contains { $0.matches(variable.name) }
    }
}
