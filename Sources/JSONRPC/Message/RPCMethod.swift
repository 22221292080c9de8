/// A method on the wire: the type's own members are its parameters.
///
/// Its name, its Swift type and its entry in the schema are one: `volume.create` is `VolumeCreate`.
public protocol RPCMethod: Codable, Sendable {
    /// What a successful call returns; always a JSON object, so that it can grow.
    associatedtype Result: Codable & Sendable
    /// `noun.verb`.
    static var name: String { get }
}

/// A result without members.
public struct Empty: Codable, Sendable, Equatable {
    public init() {}
}
