public import JSONRPC

/// Proves on a TCP connection that the caller may read the engine's cookie; elsewhere it does nothing.
///
/// Fails with `unauthenticated`.
public struct RpcAuth: RPCMethod {
    public static let name = "rpc.auth"

    /// The content of `<run>/cookie`: 64 hexadecimal digits.
    public var token: String

    public typealias Result = Empty

    public init(
        token: String
    ) {
        self.token = token
    }
}
