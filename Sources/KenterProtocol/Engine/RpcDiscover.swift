public import JSONRPC

/// An OpenRPC document of all methods, made from the types that this engine reads and writes.
public struct RpcDiscover: RPCMethod {
    public static let name = "rpc.discover"

    public typealias Result = JSONObject

    public init() {}
}
