import KenterPluginKit
import KenterProtocol

Plugin(name: "link-legacy", version: "0.1.0", roles: ["link": .init()], concurrency: 64) { context in
    _ = try context.decodeConfig(NoSettings.self)
    return PluginProviders(link: LegacyLinks())
}.main()

/// All of its options belong to a link.
private struct NoSettings: Decodable {}
