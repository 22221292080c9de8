package import JSONRPC
import KenterProtocol

/// An OpenRPC document of a set of methods, made from their types.
package struct OpenRPCDocument {
    package var title: String
    package var description: String
    package var version: String
    /// In the order they are shown.
    package var methods: [any RPCMethod.Type]
    package var notifications: [NotificationShape]
    package var examples: [MethodExample]

    /// A notification of the protocol: who sends it, and what it holds.
    package struct NotificationShape {
        package var name: String
        package var sender: String
        package var params: any Decodable.Type
    }

    private static let openRPCVersion = "1.3.2"

    /// The document as JSON. Fails for a type whose shape cannot be found, naming it.
    package func json() throws -> JSONObject {
        let probe = ShapeProbe()
        let schema = JSONSchema(documentation: .collected)
        let methods = try methods.sorted { $0.name < $1.name }.map { try describe($0, probe, schema) }
        let notifications = try notifications.map { notification -> JSONValue in
            .object(try object(of: notification, probe, schema))
        }
        let records = probe.records.sorted { $0.key < $1.key }
            .map { ($0.key, JSONValue.object(schema.schema(of: $0.value, named: $0.key))) }
        return [
            "openrpc": .string(Self.openRPCVersion),
            "info": [
                "title": .string(title), "description": .string(description), "version": .string(version),
                "license": ["name": "Apache-2.0"],
            ],
            "methods": .array(methods.map { .object($0) }),
            "components": ["schemas": .object(JSONObject(records)), "errors": .object(ErrorTable.schema)],
            "x-notifications": .array(notifications),
            "x-commonErrors": .array(ErrorTable.common.map { .string($0) }),
        ]
    }

    private func describe<M: RPCMethod>(_ type: M.Type, _ probe: ShapeProbe, _ schema: JSONSchema) throws -> JSONObject
    {
        let typeName = ShapeProbe.name(of: type)
        var method: JSONObject = ["name": .string(M.name)]
        if let text = schema.documentation[typeName] {
            method["summary"] = .string(Self.firstSentence(of: text))
            method["description"] = .string(text)
        }
        method["tags"] = [["name": .string(String(M.name.split(separator: ".").dropLast().joined(separator: ".")))]]
        method["paramStructure"] = "by-name"
        let params = try probe.members(of: type).map { member in
            JSONValue.object(descriptor(member, of: member.owner, schema))
        }
        method["params"] = .array(params)
        let result = try probe.shape(of: M.Result.self)
        method["result"] = ["name": "result", "schema": .object(schema.schema(of: result))]
        let kinds = schema.documentation.errorKinds(of: typeName)
        method["errors"] = .array(
            kinds.map { ["$ref": .string("#/components/errors/\($0)")] })
        method["examples"] = .array(examples.filter { $0.method == M.name }.compactMap { $0.json.map { .object($0) } })
        return method
    }

    private func descriptor(_ member: Record.Member, of type: String, _ schema: JSONSchema) -> JSONObject {
        var descriptor: JSONObject = ["name": .string(member.name)]
        if let text = schema.documentation["\(type).\(member.name)"] { descriptor["description"] = .string(text) }
        descriptor["required"] = .bool(!member.isOptional)
        var schema = schema.schema(of: member, in: type)
        schema["description"] = nil
        descriptor["schema"] = .object(schema)
        return descriptor
    }

    private func object(
        of notification: NotificationShape, _ probe: ShapeProbe, _ schema: JSONSchema
    ) throws -> JSONObject {
        func params<T: Decodable>(_ type: T.Type) throws -> JSONObject { schema.schema(of: try probe.shape(of: type)) }
        return [
            "name": .string(notification.name), "sender": .string(notification.sender),
            "params": .object(try params(notification.params)),
        ]
    }

    private static func firstSentence(of text: String) -> String {
        let paragraph = text.split(separator: "\n").first.map(String.init) ?? text
        return paragraph.firstRange(of: ". ").map { String(paragraph[..<$0.lowerBound]) + "." } ?? paragraph
    }
}
