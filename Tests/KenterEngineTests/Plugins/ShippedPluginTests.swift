import Glibc
import JSONRPC
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

/// The host with a plugin that ships with the engine: the executable itself.
@Suite struct ShippedPluginTests {
    private let plugin = BuildProducts.executable("link-legacy")

    private let request = ProviderLinkPlan(
        linkId: "l1", alias: "mysql", consumer: .init(id: "c1", name: "web", hostname: "web", addresses: .init()),
        source: .init(
            id: "s1", name: "db", hostname: "db", addresses: .init(ipv4: "172.17.0.2"), exposedPorts: ["3306/tcp"],
            running: true))

    @Test func `it plays its role and plans a link`() async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            let provider = try await fixture.host.provider(.link)
            #expect(provider.name == "link-legacy")
            let plan = try await fixture.host.call(request, role: .link)
            #expect(plan.env.contains { $0.name == "MYSQL_PORT_3306_TCP_ADDR" && $0.value == "172.17.0.2" })
        }
    }

    @Test func `killed, it is started again and plans the same`() async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            let plan = try await fixture.host.call(request, role: .link)
            kill(pid_t(try #require(fixture.summary("link-legacy")?.pid)), SIGKILL)
            #expect(await eventually { fixture.summary("link-legacy")?.restartCount == 1 })
            #expect(try await fixture.host.call(request, role: .link) == plan)
        }
    }

    @Test func `it answers many calls at once`() async throws {
        try await PluginHostFixture.with(plugin) { fixture in
            try await withThrowingTaskGroup(of: LinkPlan.self) { group in
                for _ in 0..<500 { group.addTask { try await fixture.host.call(request, role: .link) } }
                for try await plan in group { #expect(!plan.env.isEmpty) }
            }
        }
    }
}
