package import JSONRPC

/// Whether a newer document of a contract still serves whoever was written for an older one.
///
/// Allowed are additions: methods, optional parameters, members of what the engine says, kinds of errors, cases of what only
/// the engine says. Everything else that a client or a plugin can see is refused.
package struct APICompatibility {
    /// Who calls the methods of a contract: its parameters come from there, its results go there.
    package enum Caller: Sendable {
        case client
        case engine
    }

    private let old: JSONObject
    private let new: JSONObject
    private let caller: Caller
    private var breaks: [String] = []
    /// References that have been compared, so that types which hold themselves come to an end.
    private var compared: Set<String> = []

    /// What in `new` breaks whoever was written for `old`, each as a sentence.
    package static func breaks(
        from old: JSONObject, to new: JSONObject, calledBy caller: Caller = .client
    ) -> [String] {
        var comparison = APICompatibility(old: old, new: new, caller: caller)
        comparison.compareMethods()
        comparison.compareNotifications()
        return comparison.breaks
    }

    private init(old: JSONObject, new: JSONObject, caller: Caller) {
        (self.old, self.new, self.caller) = (old, new, caller)
    }

    /// Who reads a value: the other side must get what it knows, and be able to write what it knew.
    private enum Direction {
        case toEngine
        case fromEngine
    }

    private mutating func compareMethods() {
        let present = Self.named(new["methods"])
        for (name, method) in Self.named(old["methods"]).sorted(by: { $0.key < $1.key }) {
            guard let other = present[name] else {
                breaks.append("\(name) is gone")
                continue
            }
            compareParams(name, Self.named(method["params"]), Self.named(other["params"]))
            compare(
                method["result"]?.object?["schema"]?.object, other["result"]?.object?["schema"]?.object,
                caller == .client ? .fromEngine : .toEngine, "\(name) → result")
        }
    }

    private mutating func compareParams(_ method: String, _ old: [String: JSONObject], _ new: [String: JSONObject]) {
        for (name, param) in old.sorted(by: { $0.key < $1.key }) {
            let place = "\(method) \(name)"
            guard let other = new[name] else {
                breaks.append("\(place) is gone")
                continue
            }
            let (wasRequired, isRequired) = (param["required"] == true, other["required"] == true)
            switch caller {
            case .client: if isRequired, !wasRequired { breaks.append("\(place) is required now") }
            case .engine: if wasRequired, !isRequired { breaks.append("\(place) may be missing now") }
            }
            compare(
                param["schema"]?.object, other["schema"]?.object, caller == .client ? .toEngine : .fromEngine, place)
        }
        guard caller == .client else { return }
        for (name, param) in new.sorted(by: { $0.key < $1.key }) where old[name] == nil && param["required"] == true {
            breaks.append("\(method) \(name) is new and required")
        }
    }

    private mutating func compareNotifications() {
        let present = Self.named(new["x-notifications"])
        for (name, notification) in Self.named(old["x-notifications"]).sorted(by: { $0.key < $1.key }) {
            guard let other = present[name] else {
                breaks.append("\(name) is gone")
                continue
            }
            let sender = notification["sender"]?.string ?? ""
            if let now = other["sender"]?.string, now != sender {
                breaks.append("\(name) came from \(sender) and comes from \(now)")
            }
            let directions: [Direction] =
                switch sender {
                case "engine": [.fromEngine]
                case "both": [.fromEngine, .toEngine]
                default: [.toEngine]
                }
            for direction in directions {
                compare(notification["params"]?.object, other["params"]?.object, direction, name)
            }
        }
    }

    // MARK: schemas

    private mutating func compare(_ old: JSONObject?, _ new: JSONObject?, _ direction: Direction, _ place: String) {
        guard let old, let new else {
            if old != nil { breaks.append("\(place) has no schema any more") }
            return
        }
        let (oldName, before) = Self.resolve(old, in: self.old)
        let (_, after) = Self.resolve(new, in: self.new)
        if let oldName, !compared.insert("\(oldName) \(direction)").inserted { return }
        let (unit, unitNow) = (old["x-unit"] ?? before["x-unit"], new["x-unit"] ?? after["x-unit"])
        if unit != unitNow {
            breaks.append("\(place) was in \(unit?.string ?? "no unit") and is in \(unitNow?.string ?? "none")")
        }
        // Without a type: anything goes.
        if before["type"] != after["type"], !(direction == .toEngine && after["type"] == nil && after["oneOf"] == nil) {
            breaks.append("\(place) was \(Self.text(before)) and is \(Self.text(after))")
            return
        }
        compareEnumeration(before, after, direction, place)
        compareBounds(before, after, direction, place)
        for keyword in ["items", "additionalProperties"] {
            if let inner = before[keyword]?.object { compare(inner, after[keyword]?.object, direction, "\(place)[]") }
        }
        compareMembers(before, after, direction, place)
    }

    private mutating func compareMembers(
        _ old: JSONObject, _ new: JSONObject, _ direction: Direction, _ place: String
    ) {
        let (before, after) = (old["properties"]?.object ?? JSONObject(), new["properties"]?.object ?? JSONObject())
        let (wasRequired, isRequired) = (Self.names(old["required"]), Self.names(new["required"]))
        for member in before.members {
            guard let other = after[member.name] else {
                breaks.append("\(place).\(member.name) is gone")
                continue
            }
            compare(member.value.object, other.object, direction, "\(place).\(member.name)")
            if direction == .fromEngine, wasRequired.contains(member.name), !isRequired.contains(member.name) {
                breaks.append("\(place).\(member.name) may be missing now")
            }
        }
        guard direction == .toEngine else { return }
        for name in isRequired.subtracting(wasRequired).sorted() { breaks.append("\(place).\(name) is required now") }
    }

    private mutating func compareEnumeration(
        _ old: JSONObject, _ new: JSONObject, _ direction: Direction, _ place: String
    ) {
        let (before, after) = (Self.names(old["enum"]), Self.names(new["enum"]))
        guard direction == .toEngine, !after.isEmpty else { return }
        if before.isEmpty { breaks.append("\(place) takes only some strings now") }
        for name in before.subtracting(after).sorted() { breaks.append("\(place) does not take '\(name)' any more") }
    }

    private mutating func compareBounds(
        _ old: JSONObject, _ new: JSONObject, _ direction: Direction, _ place: String
    ) {
        guard direction == .toEngine else { return }
        if let least = new["minimum"]?.integer, least > old["minimum"]?.integer ?? .min {
            breaks.append("\(place) must be at least \(least) now")
        }
        if let most = new["maximum"]?.integer, most < old["maximum"]?.integer ?? .max {
            breaks.append("\(place) must be at most \(most) now")
        }
    }

    // MARK: looking into documents

    private static func named(_ value: JSONValue?) -> [String: JSONObject] {
        let pairs = (value?.array ?? []).compactMap { $0.object }.compactMap { object in
            object["name"]?.string.map { ($0, object) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func names(_ value: JSONValue?) -> Set<String> { Set((value?.array ?? []).compactMap(\.string)) }

    /// The schema that a reference leads to, and its name.
    private static func resolve(_ schema: JSONObject, in document: JSONObject) -> (String?, JSONObject) {
        if let inner = schema["allOf"]?.array?.first?.object { return resolve(inner, in: document) }
        guard let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last.map(String.init)
        else { return (nil, schema) }
        return (name, document["components"]?.object?["schemas"]?.object?[name]?.object ?? JSONObject())
    }

    private static func text(_ schema: JSONObject) -> String { schema["type"]?.string ?? "anything" }
}
