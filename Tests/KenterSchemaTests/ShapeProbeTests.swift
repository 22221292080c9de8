import JSONRPC
import KenterSchema
import Testing

/// A schema is what a type reads.
@Suite struct ShapeProbeTests {
    struct Inner: Codable, Sendable {
        var ratio: Double
        var names: [String]
    }

    enum Colour: String, Codable, CaseIterable { case red, green }
    enum Closed: String, Codable { case one }

    struct Outer: Codable {
        var name: String
        var port: UInt16
        var count: Int?
        var colour: Colour
        var inner: Inner
        var list: [Inner]?
        var labels: [String: String]
        var open: JSONObject?
        var value: JSONValue
    }

    struct Wrapper: Codable {
        var outer: Outer
        init(from decoder: any Decoder) throws { outer = try Outer(from: decoder) }
    }

    struct Single: Codable {
        var text: String
        init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
    }

    /// Reads itself as one of two others.
    struct Either: Codable {
        private enum Key: CodingKey { case name, note }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            _ = try members.decodeIfPresent(String.self, forKey: .note)
            if members.contains(.name) { _ = try Outer(from: decoder) } else { _ = try Inner(from: decoder) }
        }
    }

    @Test func `a type that reads as one of two others has the members of both`() throws {
        let members = try ShapeProbe().members(of: Either.self)
        #expect(members.map(\.name).contains("port") && members.map(\.name).contains("ratio"))
        #expect(members.filter(\.isOptional).count == members.count)
        #expect(members.first { $0.name == "ratio" }?.owner == ShapeProbe.name(of: Inner.self))
    }

    @Test func `members are found with type and optionality, in order`() throws {
        let probe = ShapeProbe()
        let members = try probe.members(of: Outer.self)
        #expect(members.map(\.name) == ["name", "port", "count", "colour", "inner", "list", "labels", "open", "value"])
        #expect(members.filter(\.isOptional).map(\.name) == ["count", "list", "open"])
        let inner = ShapeProbe.name(of: Inner.self)
        #expect(
            members.map(\.shape) == [
                .string, .integer(least: 0, most: 65_535), .integer(least: nil, most: nil), .choice(["red", "green"]),
                .record(inner), .array(.record(inner)), .map(.string), .anyObject, .any,
            ])
        #expect(probe.records[inner]?.members.map(\.name) == ["ratio", "names"])
    }

    @Test func `a type that reads as another has that one's shape`() throws {
        let probe = ShapeProbe()
        let outer = try probe.members(of: Outer.self)
        #expect(try probe.members(of: Wrapper.self) == outer)
        #expect(try probe.shape(of: Single.self) == .string)
    }

    @Test func `a type whose shape cannot be found says what to do`() throws {
        let error = #expect(throws: ShapeError.self) { try ShapeProbe().shape(of: Closed.self) }
        #expect(error?.description.contains("CaseIterable") == true)
    }
}
