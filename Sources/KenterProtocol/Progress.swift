/// `$/progress`: how far a request has come whose `_meta.progressToken` asked for it.
public struct Progress: Codable, Sendable {
    public static let name = "$/progress"

    public struct Value: Codable, Sendable {
        public enum Kind: String, Codable, Sendable, CaseIterable {
            case begin, report, end
        }

        public var kind: Kind
        public var message: String?
        /// Never decreases.
        public var done: Int?
        public var total: Int?
        /// What `done` and `total` count: `bytes`, `layers`.
        public var unit: String?

        public init(
            kind: Kind, message: String? = nil, done: Int? = nil, total: Int? = nil, unit: String? = nil
        ) {
            self.kind = kind
            self.message = message
            self.done = done
            self.total = total
            self.unit = unit
        }
    }

    public var token: String
    public var value: Value

    public init(
        token: String, value: Value
    ) {
        self.token = token
        self.value = value
    }
}
