import JSONRPC
import KenterProtocol

struct PluginListCommand: Command {
    static let abstract = "List plugins."

    let engine: EngineOptions
    let listing: ListingOptions

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        listing = try ListingOptions(&arguments)
    }

    func run() async throws {
        let client = try await engine.connect()
        let items = try await Listing.all(client, PluginList.name, "plugins")
        let hasReasons = items.contains { $0.object?["reason"]?.string != nil }
        try Listing.show(
            items, listing,
            headings: ["NAME", "VERSION", "ROLES", "STATE", "SINCE", "RESTARTS"] + (hasReasons ? ["REASON"] : []),
            name: { (plugin: PluginSummary) in plugin.name },
            row: { [row($0) + (hasReasons ? [reason($0)] : [])] })
    }

    private func row(_ plugin: PluginSummary) -> [String] {
        [
            plugin.name, plugin.version ?? "", plugin.roles.joined(separator: ","), plugin.state.rawValue,
            HumanText.age(of: plugin.since), "\(plugin.restartCount)",
        ]
    }

    /// Last, as it is the longest; cut so that most of the table has room.
    private func reason(_ plugin: PluginSummary) -> String {
        let reason = plugin.reason ?? ""
        return listing.noTrunc ? reason : HumanText.shortened(reason, to: 60)
    }
}
