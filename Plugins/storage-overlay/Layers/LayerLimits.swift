/// How much one layer may unpack to; over a limit the layer is refused and nothing of it stays.
struct LayerLimits: Equatable, Sendable {
    /// Bytes of the uncompressed archive, and bytes of all files together.
    var sizeBytes: UInt64 = 64 << 30
    /// Files, directories, links and whiteouts.
    var entries: UInt64 = 1_000_000
    /// Uncompressed bytes for each compressed byte, judged once more than ``ratioFreeBytes`` came out.
    var ratio: UInt64 = 250
    /// Small archives may be as repetitive as they like.
    var ratioFreeBytes: UInt64 = 256 << 20
    /// Bytes of all names together: they are kept in memory until the layer is done.
    static let nameBytes: UInt64 = 256 << 20

    var arguments: [String] { ["\(sizeBytes)", "\(entries)", "\(ratio)", "\(ratioFreeBytes)"] }

    init() {}

    /// The limits as the configuration sets them.
    init(_ configuration: Configuration) {
        let settings = configuration.layerLimits
        sizeBytes = settings?.sizeBytes ?? sizeBytes
        entries = settings?.entries ?? entries
        ratio = settings?.ratio ?? ratio
        ratioFreeBytes = settings?.ratioFreeBytes ?? ratioFreeBytes
    }

    /// The limits as the unpacking process is told them; `nil` when they are not four numbers.
    init?(arguments: ArraySlice<String>) {
        let numbers = arguments.compactMap { UInt64($0) }
        guard numbers.count == 4, arguments.count == 4 else { return nil }
        (sizeBytes, entries, ratio, ratioFreeBytes) = (numbers[0], numbers[1], numbers[2], numbers[3])
    }
}

/// The plugin's section of the engine's configuration; everything in it is optional.
struct Configuration: Decodable {
    struct Limits: Decodable {
        var sizeBytes: UInt64?
        var entries: UInt64?
        var ratio: UInt64?
        var ratioFreeBytes: UInt64?
    }

    /// Replaces the defaults of ``LayerLimits``.
    var layerLimits: Limits?
}
