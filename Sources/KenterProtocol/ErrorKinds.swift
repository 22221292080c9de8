public import JSONRPC

// Kinds of the engine and its plugins, besides those of JSON-RPC itself. The kind is the contract; the code serves
// generic libraries.
extension RPCError.Kind {
    /// No such container, image, link, network, volume or plugin.
    public static let notFound = Self("notFound", code: 1001)
    /// The name is taken.
    public static let alreadyExists = Self("alreadyExists", code: 1002)
    /// It contradicts something that exists: a port in use, an id with another specification.
    public static let conflict = Self("conflict", code: 1003)
    /// Not possible in the present state: a container that does not run, a volume in use.
    public static let precondition = Self("precondition", code: 1004)
    /// An earlier operation on the same object has not ended.
    public static let pending = Self("pending", code: 1005, retryable: true)
    /// A supply is used up: addresses, ports, room for collected output.
    public static let exhausted = Self("exhausted", code: 1006)
    /// It was done, but not wholly.
    public static let degraded = Self("degraded", code: 1008)
    /// This host, or this provider, cannot do it.
    public static let unsupported = Self("unsupported", code: 1010)
    /// A file or device failed.
    public static let io = Self("io", code: 1011, retryable: true)
    /// The caller may not do it.
    public static let permission = Self("permission", code: 1012)
    /// A plugin died while it worked on the request.
    public static let pluginCrashed = Self("pluginCrashed", code: 1013, retryable: true)
    /// A plugin answered against its contract.
    public static let pluginProtocol = Self("pluginProtocol", code: 1014)
    /// The engine's own state does not add up.
    public static let corruptState = Self("corruptState", code: 1015)
}
