import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// The kinds of errors and their codes: what clients and plugins of any age rely on.
@Suite struct ErrorKindTests {
    private static let table: [(RPCError.Kind, String, Int)] = [
        (.parse, "parse", -32700), (.invalidRequest, "invalidRequest", -32600),
        (.methodNotFound, "methodNotFound", -32601), (.invalidParams, "invalidParams", -32602),
        (.internal, "internal", -32603), (.cancelled, "cancelled", -32800),
        (.messageTooLarge, "messageTooLarge", -32010), (.tooDeep, "tooDeep", -32011),
        (.batchTooLarge, "batchTooLarge", -32012), (.duplicateId, "duplicateId", -32013),
        (.overloaded, "overloaded", -32014), (.unauthenticated, "unauthenticated", -32015),
        (.forbidden, "forbidden", -32016), (.shuttingDown, "shuttingDown", -32017),
        (.unsupportedProtocol, "unsupportedProtocol", -32018), (.notFound, "notFound", 1001),
        (.alreadyExists, "alreadyExists", 1002), (.conflict, "conflict", 1003), (.precondition, "precondition", 1004),
        (.pending, "pending", 1005), (.exhausted, "exhausted", 1006), (.unavailable, "unavailable", 1007),
        (.degraded, "degraded", 1008), (.timeout, "timeout", 1009), (.unsupported, "unsupported", 1010),
        (.io, "io", 1011), (.permission, "permission", 1012), (.pluginCrashed, "pluginCrashed", 1013),
        (.pluginProtocol, "pluginProtocol", 1014), (.corruptState, "corruptState", 1015),
    ]

    @Test func `every kind has its code on the wire`() throws {
        for (kind, name, code) in Self.table {
            let error = RPCError(kind, "text").json
            #expect(error["code"] == .integer(Int64(code)) && error["data"]?["kind"] == .string(name), "\(error)")
            #expect(error["data"]?["retryable"].bool != nil)
            #expect(RPCError(json: error)?.kind == kind)
        }
        #expect(Set(Self.table.map(\.2)).count == Self.table.count)
    }
}
