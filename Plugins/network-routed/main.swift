import KenterPluginKit
import KenterProtocol

Plugin(
    name: "network-routed", version: "0.1.0", roles: ["network": .init()], events: ["network.restored"], concurrency: 32
) { context in
    _ = try context.decodeConfig(NoSettings.self)
    let networks = try RoutedNetworks(context)
    let warnings = try await networks.restore()
    try TableWatch.start(networks, context.log)
    return PluginProviders(network: networks, warnings: warnings)
}.main()

/// Everything it can be told belongs to a network or an attachment.
private struct NoSettings: Decodable {}
