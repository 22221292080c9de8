/// What a plugin can be for the engine.
package enum ProviderRole: String, Sendable, CaseIterable, CustomStringConvertible {
    case network, storage, link

    package var description: String { rawValue }
}
