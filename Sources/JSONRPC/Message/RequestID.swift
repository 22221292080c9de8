/// What ties a response to its request: chosen by whoever asks, echoed as sent.
public enum RequestID: Sendable, Hashable, CustomStringConvertible {
    /// Up to ``largestStringBytes``.
    case string(String)
    /// Within ±(2^53−1), the integers that every JSON implementation keeps exactly.
    case integer(Int64)

    static let largestInteger: Int64 = 1 << 53 - 1
    public static let largestStringBytes = 128

    /// `nil` for anything that is no valid id, `null` included.
    public init?(_ value: JSONValue) {
        switch value {
        case .string(let string) where string.utf8.count <= Self.largestStringBytes: self = .string(string)
        case .integer(let integer) where (-Self.largestInteger...Self.largestInteger).contains(integer):
            self = .integer(integer)
        default: return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .string(let string): .string(string)
        case .integer(let integer): .integer(integer)
        }
    }

    public var description: String { json.text }

    /// By bytes: what Unicode calls equivalent are two ids.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left == right
        case (.string(let left), .string(let right)): MemberName.isSame(left, right)
        case (.integer, .string), (.string, .integer): false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let integer): integer.hash(into: &hasher)
        case .string(let string): MemberName(string).hash(into: &hasher)
        }
    }
}
