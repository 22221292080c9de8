package import JSONRPC
import KenterProtocol

/// The documents of the two contracts: the engine's API, and that of plugins.
package enum EngineAPI {
    package static let level = 1

    /// What clients call. `methods` are those that an engine has; their order does not matter.
    package static func document(version: String, methods: [any RPCMethod.Type] = EngineMethods.all) throws
        -> JSONObject
    {
        let document = OpenRPCDocument(
            title: "Kenter engine",
            description:
                "Line-delimited JSON-RPC 2.0 over a Unix socket, TCP on loopback or standard input and output. "
                + "Parameters are named; a result is an object, to which later versions may add members.",
            version: version, methods: methods,
            notifications: [
                .init(name: Progress.name, sender: "engine", params: Progress.self),
                .init(name: EventNotification.name, sender: "engine", params: EventNotification.self),
                .init(name: EventGap.name, sender: "engine", params: EventGap.self),
                .init(name: StreamData.name, sender: "both", params: StreamData.self),
                .init(name: StreamCredit.name, sender: "both", params: StreamCredit.self),
                .init(name: StreamResize.name, sender: "client", params: StreamResize.self),
            ], examples: try Examples.all())
        var json = try document.json()
        json["x-apiLevel"] = .integer(Int64(level))
        json["x-meta"] = .object(meta)
        return json
    }

    /// The kinds of errors that a method's documentation names, and those of every method.
    package static func errorKinds(of method: any RPCMethod.Type) -> Set<String> {
        let own = Documentation.collected.errorKinds(of: ShapeProbe.name(of: method))
        return Set(own + ErrorTable.common)
    }

    /// What the engine calls of a plugin.
    package static func pluginDocument(version: String) throws -> JSONObject {
        let document = OpenRPCDocument(
            title: "Kenter plugin contract",
            description:
                "Line-delimited JSON-RPC 2.0 on the standard input and output of a plugin; the engine asks, the plugin "
                + "answers. A plugin passes over parameters that it does not know.",
            version: version, methods: PluginMethods.all,
            notifications: [
                .init(name: PluginLog.name, sender: "plugin", params: PluginLog.self),
                .init(name: PluginEvent.name, sender: "plugin", params: PluginEvent.self),
                .init(name: Progress.name, sender: "plugin", params: Progress.self),
            ], examples: [])
        return try document.json()
    }

    /// What every request may say in `params._meta`.
    private static var meta: JSONObject {
        func text(_ description: String) -> JSONValue {
            ["type": "string", "minLength": 1, "maxLength": 128, "description": .string(description)]
        }
        return [
            "type": "object",
            "properties": [
                "progressToken": text("Asks for $/progress under this name."),
                "timeoutMs": [
                    "type": "integer", "minimum": 1, "maximum": 2_147_483_648, "x-unit": "milliseconds",
                    "description": "How long the request may take; past it, it is cancelled and answered with timeout.",
                ],
                "idempotencyKey": text("A repeat of the request with this key gets the result of the first one."),
                "auth": text("Over TCP, in the first line: the engine's cookie."),
            ],
        ]
    }
}
