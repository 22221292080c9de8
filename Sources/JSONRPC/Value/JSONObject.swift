/// The members of a JSON object in the order they were written; names are unique.
public struct JSONObject: Sendable {
    /// One name and its value.
    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: JSONValue
    }

    public private(set) var members: [Member] = []

    public init() {}

    /// The members in order; a later duplicate replaces the value of an earlier one.
    public init(_ members: [(String, JSONValue)]) {
        for (name, value) in members { self[name] = value }
    }

    /// For the scanner, which has made sure that no name stands twice.
    init(uniqueMembers members: [Member]) {
        self.members = members
    }

    /// The same members in the order of their names' bytes, those of every value within too: of two that differ in order
    /// only, one text.
    public var sorted: JSONObject {
        let sorted = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return JSONObject(uniqueMembers: sorted.map { Member(name: $0.name, value: $0.value.sorted) })
    }

    public var isEmpty: Bool { members.isEmpty }
    public var names: [String] { members.map(\.name) }

    /// The value of a member; setting `nil` removes it, a new name goes to the end.
    public subscript(name: String) -> JSONValue? {
        get { members.first { MemberName.isSame($0.name, name) }?.value }
        set {
            let index = members.firstIndex { MemberName.isSame($0.name, name) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose name is known to be new: constant time, where the subscript searches.
    mutating func append(_ name: String, _ value: JSONValue) {
        members.append(Member(name: name, value: value))
    }
}

extension JSONObject: Equatable {
    /// Two objects are equal when they have the same members in whichever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        if left.members.count <= 8 { return left.members.allSatisfy { right[$0.name] == $0.value } }
        let values = Dictionary(right.members.map { (MemberName($0.name), $0.value) }) { first, _ in first }
        return left.members.allSatisfy { values[MemberName($0.name)] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
