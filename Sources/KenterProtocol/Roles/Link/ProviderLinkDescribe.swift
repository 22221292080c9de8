public import JSONRPC

/// What a link provider takes and makes; no side effects.
public struct ProviderLinkDescribe: RPCMethod {
    public static let name = "provider.link.describe"

    public struct Products: Codable, Sendable, Equatable {
        /// Patterns of variable names, `*` for any characters; `{ALIAS}` for the alias in its upper-case form.
        public var env: [String]
        public var files: [String]

        public init(
            env: [String] = [], files: [String] = []
        ) {
            self.env = env
            self.files = files
        }
    }

    public struct Result: Codable, Sendable {
        /// JSON Schema of its options.
        public var options: JSONObject
        public var produces: Products

        public init(
            options: JSONObject, produces: Products
        ) {
            self.options = options
            self.produces = produces
        }
    }

    public init() {}
}
