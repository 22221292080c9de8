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
        try Listing.show(
            items, listing, headings: ["NAME", "VERSION", "ROLES", "STATE", "SINCE", "RESTARTS"],
            name: { (plugin: PluginSummary) in plugin.name },
            row: { plugin in
                [
                    [
                        plugin.name, plugin.version ?? "", plugin.roles.joined(separator: ","),
                        plugin.reason.map { "\(plugin.state.rawValue): \($0)" } ?? plugin.state.rawValue,
                        HumanText.age(of: plugin.since), "\(plugin.restartCount)",
                    ]
                ]
            })
    }
}
