package import JSONRPC
package import KenterProtocol

extension Base64: DescribedShape {
    package static var schema: JSONObject { ["type": "string", "contentEncoding": "base64"] }
    package static var sample: Base64 { Base64([]) }
}

extension Timestamp: DescribedShape {
    package static var schema: JSONObject { ["type": "string", "format": "date-time"] }
    package static var sample: Timestamp { Timestamp(nanoseconds: 0) }
}

extension TextOrBytes: DescribedShape {
    package static var schema: JSONObject {
        [
            "description": "A string where it is UTF-8, else an object with the bytes in base 64.",
            "oneOf": [
                ["type": "string"],
                [
                    "type": "object", "required": ["base64"],
                    "properties": ["base64": ["type": "string", "contentEncoding": "base64"]],
                ],
            ],
        ]
    }
    package static var sample: TextOrBytes { TextOrBytes([]) }
}
