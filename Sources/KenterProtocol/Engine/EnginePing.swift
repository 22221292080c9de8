public import JSONRPC

/// Answers at once.
public struct EnginePing: RPCMethod {
    public static let name = "engine.ping"

    public typealias Result = Empty

    public init() {}
}
