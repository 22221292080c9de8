import Glibc
import JSONRPC
import KenterPluginKit
import KenterProtocol

// A plugin whose author prints and reads where a plugin must not, and one of whose calls never ends.
print("made by accident, before anything else")
Plugin(name: "prints-by-accident", version: "1.0", roles: ["link": .init()]) { context in
    context.log.info("configured")
    return PluginProviders(link: Noisy())
}.main()

private struct Noisy: LinkProvider {
    func describe(_ request: ProviderLinkDescribe) async throws -> ProviderLinkDescribe.Result {
        print(#"{"jsonrpc":"2.0","id":1,"result":{}}"#)
        puts("half a line by C")
        // What comes by accident from a child, and what a child would read.
        system("echo from a child; cat")
        return ProviderLinkDescribe.Result(options: [:], produces: .init())
    }

    func plan(_ request: ProviderLinkPlan) async throws -> LinkPlan {
        try await Task.sleep(for: .seconds(3_600))
        return LinkPlan()
    }
}
