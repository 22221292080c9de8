public import JSONRPC

/// Ends the engine; containers keep running and are found again at its next start.
public struct EngineShutdown: RPCMethod {
    public static let name = "engine.shutdown"

    public typealias Result = Empty

    public init() {}
}
