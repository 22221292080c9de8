package import JSONRPC

/// The shape of a value on the wire, as its type's own `init(from:)` reads it.
package indirect enum Shape: Sendable, Equatable {
    case string
    case boolean
    case number
    /// Within these bounds; `nil` where only 64 bits bound it.
    case integer(least: Int64?, most: Int64?)
    /// Any JSON value, or any object.
    case any
    case anyObject
    case array(Shape)
    /// An object whose members all have this shape, under any names.
    case map(Shape)
    /// One of these strings.
    case choice([String])
    /// An object with members of its own, by the name of its type.
    case record(String)
    /// A type that describes itself, as a JSON Schema.
    case described(JSONObject)
}

/// An object's members, in the order they are read.
package struct Record: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var name: String
        package var shape: Shape
        package var isOptional: Bool
        /// The type whose member it is: a type may read itself as another.
        package var owner: String
    }

    package var members: [Member]
}

/// Why a type has no shape.
package struct ShapeError: Error, CustomStringConvertible {
    package let description: String
}

/// A type whose `init(from:)` does not show its shape: one that reads a string and looks into it.
package protocol DescribedShape: Decodable {
    /// A JSON Schema of it.
    static var schema: JSONObject { get }
    /// A value of it.
    static var sample: Self { get }
}
