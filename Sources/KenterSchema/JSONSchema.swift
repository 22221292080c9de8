import JSONRPC

/// Shapes as JSON Schemas (draft 7).
struct JSONSchema {
    let documentation: Documentation

    func schema(of shape: Shape) -> JSONObject {
        switch shape {
        case .string: ["type": "string"]
        case .boolean: ["type": "boolean"]
        case .number: ["type": "number"]
        case .integer(let least, let most): Self.integer(least, most)
        case .any: [:]
        case .anyObject: ["type": "object"]
        case .array(let element): ["type": "array", "items": .object(schema(of: element))]
        case .map(let value): ["type": "object", "additionalProperties": .object(schema(of: value))]
        case .choice(let names): ["type": "string", "enum": .array(names.map { .string($0) })]
        case .record(let name): ["$ref": .string("#/components/schemas/\(name)")]
        case .described(let schema): schema
        }
    }

    private static func integer(_ least: Int64?, _ most: Int64?) -> JSONObject {
        var schema: JSONObject = ["type": "integer"]
        if let least { schema["minimum"] = .integer(least) }
        if let most { schema["maximum"] = .integer(most) }
        return schema
    }

    /// A member's schema, with what its documentation and its name say.
    func schema(of member: Record.Member, in type: String) -> JSONObject {
        var schema = schema(of: member.shape)
        let unit = Self.unit(of: member)
        let text = documentation["\(type).\(member.name)"]
        if schema["$ref"] != nil, unit != nil || text != nil { schema = ["allOf": [.object(schema)]] }
        if let text { schema["description"] = .string(text) }
        if let unit { schema["x-unit"] = .string(unit) }
        return schema
    }

    /// The unit that ends the name of a number.
    private static func unit(of member: Record.Member) -> String? {
        guard [.number].contains(member.shape) || Self.isInteger(member.shape) else { return nil }
        let units = [("Bytes", "bytes"), ("Seconds", "seconds"), ("Ms", "milliseconds"), ("Percent", "percent")]
        return units.first { member.name.hasSuffix($0.0) || member.name == $0.0.lowercased() }?.1
    }

    private static func isInteger(_ shape: Shape) -> Bool { if case .integer = shape { true } else { false } }

    /// An object's schema. Further members may come with later versions, so none are excluded.
    func schema(of record: Record, named name: String) -> JSONObject {
        var schema: JSONObject = ["type": "object"]
        if let text = documentation[name] { schema["description"] = .string(text) }
        let required = record.members.filter { !$0.isOptional }.map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        let members = record.members.map { ($0.name, JSONValue.object(self.schema(of: $0, in: name))) }
        schema["properties"] = .object(JSONObject(members))
        return schema
    }
}
