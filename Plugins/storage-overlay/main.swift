import CLinux
import Glibc
import KenterPluginKit
import KenterProtocol

if CommandLine.arguments.dropFirst().first == LayerUnpacking.subcommand {
    exit(LayerUnpacking.run(Array(CommandLine.arguments.dropFirst())))
}

Plugin(
    name: "storage-overlay", version: "0.1.0", roles: ["storage": .init(capabilities: ["rootfs", "volumes"])]
) { context in
    let storage = try await StorageOverlay(context)
    return PluginProviders(storage: storage, warnings: storage.warnings)
}.main()
