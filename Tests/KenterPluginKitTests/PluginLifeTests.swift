import JSONRPC
@testable import KenterPluginKit
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PluginLifeTests {
    @Test func `hello says who the plugin is, and takes the highest version both speak`() async throws {
        let bench = try PluginBench(.sample())
        let answer = try await bench.call(PluginBench.hello(1, 7))
        #expect(answer.protocol == 1)
        #expect(answer.plugin == PluginHello.Identity(name: "sample", version: "1.2"))
        #expect(answer.roles == ["link": .init(capabilities: ["effects"]), "storage": .init()])
        #expect(answer.events == ["tick"])
        #expect(answer.concurrency == 16)
        #expect(answer.disable == nil)
    }

    @Test func `no common version is an error that names both ranges`() async throws {
        let bench = try PluginBench(.sample())
        let error = await bench.failure(
            PluginHello.name, try JSONValueEncoder().encodeObject(PluginBench.hello(2, 3)))
        #expect(error?.kind == .unsupportedProtocol)
        #expect(error?.message.contains("1 to 1") == true && error?.message.contains("2 to 3") == true)
    }

    @Test func `a call that comes too early names the one that must come first`() async throws {
        let bench = try PluginBench(.sample())
        for method in ["provider.link.plan", "provider.reconcile", "plugin.status", "plugin.configure"] {
            let params: JSONObject =
                method == "plugin.configure"
                ? ["config": [:], "stateDir": "/x"]
                : try JSONValueEncoder().encodeObject(ProviderReconcile())
            let error = await bench.failure(method, params)
            #expect(error?.kind == .precondition)
            #expect(error?.message == "\(method) comes too early: call plugin.hello first")
        }
        _ = try await bench.call(PluginBench.hello())
        #expect(
            await bench.failure("provider.link.describe")?.message
                == "provider.link.describe comes too early: call plugin.configure first")
    }

    @Test(arguments: [
        "nonsense", "provider.network.check", "provider.link.unheard", "plugin.unheard", "provider.link", "",
        "provider.link.plan.more",
    ])
    func `an unknown method is unknown, whenever it comes`(method: String) async throws {
        let bench = try PluginBench(.sample())
        if method != "provider.link.unheard" { #expect(await bench.failure(method)?.kind == .methodNotFound) }
        try await bench.ready()
        #expect(await bench.failure(method)?.code == -32601)
    }

    @Test func `a method of a capability that the plugin does not have is unknown`() async throws {
        let bench = try PluginBench(.sample())
        try await bench.ready()
        let request = ProviderVolumeInspect(volumeId: "v")
        let error = await bench.failure("provider.volume.inspect", try JSONValueEncoder().encodeObject(request))
        #expect(error?.kind == .methodNotFound)
    }

    @Test func `unknown parameters are ignored, wrong ones are named`() async throws {
        let bench = try PluginBench(.sample())
        try await bench.ready()
        #expect(try await bench.call("provider.link.describe", ["later": 1])["options"] == ["a": 1])
        let error = await bench.failure("provider.link.plan", ["linkId": 5])
        #expect(error?.kind == .invalidParams)
        #expect(error?.message.hasPrefix("provider.link.plan: linkId") == true)
    }

    @Test func `a refused configuration can be mended, a taken one stays`() async throws {
        struct Settings: Decodable { var depth: Int }
        let bench = try PluginBench(
            Plugin(name: "sample", version: "1", roles: ["link": .init()]) { context in
                _ = try context.decodeConfig(Settings.self)
                return PluginProviders(link: CountingLinks())
            })
        _ = try await bench.call(PluginBench.hello())
        for config: JSONObject in [[:], ["depth": "x"], ["depth": 1, "width": 2]] {
            let error = await bench.failure("plugin.configure", ["config": .object(config), "stateDir": "/x"])
            #expect(error?.kind == .invalidParams)
            #expect(error?.message.hasPrefix("invalid configuration: ") == true)
        }
        #expect(await bench.failure("plugin.status")?.kind == .precondition)
        #expect(try await bench.call(PluginConfigure(config: ["depth": 1], stateDir: "/x")).ready)
        #expect(
            await bench.failure("plugin.configure", ["config": ["depth": 1], "stateDir": "/x"])?.message
                == "sample is configured already")
    }

    @Test func `a role without provider refuses the configuration`() async throws {
        let bench = try PluginBench(
            Plugin(name: "sample", version: "1", roles: ["network": .init()]) { _ in PluginProviders() })
        _ = try await bench.call(PluginBench.hello())
        let error = await bench.failure("plugin.configure", ["config": [:], "stateDir": "/x"])
        #expect(error?.kind == .internal)
        #expect(error?.message.contains("network") == true)
    }

    @Test func `all roles are reconciled, and asked whether they work`() async throws {
        let bench = try PluginBench(.sample(storage: IdleStorage(trouble: "disk full")))
        _ = try await bench.call(PluginBench.hello())
        let configured = try await bench.call(PluginConfigure(config: [:], stateDir: "/x"))
        #expect(configured.warnings == ["mind the gap"])
        let result = try await bench.call(ProviderReconcile(linkIds: ["l1"]))
        #expect(result.removed == ["volume", "link"])
        #expect(result.missing == ["l1"])
        #expect(result.errors == [.init(id: "v", message: "busy")])
        let status = try await bench.call(PluginStatus())
        #expect(!status.healthy)
        #expect(status.detail == "storage: disk full")
    }

    @Test func `shutdown reaches the providers, and ends all other calls`() async throws {
        let links = CountingLinks()
        let bench = try PluginBench(.sample(links: links))
        try await bench.ready()
        _ = try await bench.call(PluginShutdown(deadlineMs: 1_500))
        #expect(links.shutdown == .milliseconds(1_500))
        #expect(await bench.failure("provider.link.describe")?.kind == .shuttingDown)
        bench.finish()
        #expect(await eventually { bench.isEnded })
    }

    @Test func `logs and events reach the engine as notifications`() async throws {
        let bench = try PluginBench(
            Plugin(name: "sample", version: "1", roles: ["link": .init()], events: ["tick"]) { context in
                #expect(context.instance == "ab12")
                context.log.warning("careful")
                context.emit(PluginEvent(kind: "tick", id: "1", attributes: ["a": "b"]))
                return PluginProviders(link: CountingLinks())
            })
        try await bench.ready()
        #expect(
            await eventually {
                bench.notifications == [
                    Notification(method: "plugin.log", params: ["level": "warning", "message": "careful"]),
                    Notification(
                        method: "plugin.event", params: ["kind": "tick", "id": "1", "attributes": ["a": "b"]]),
                ]
            })
    }

    @Test func `no more calls run at once than the plugin wants, and the others keep their order`() async throws {
        let links = CountingLinks()
        let bench = try PluginBench(.sample(concurrency: 2, links: links))
        try await bench.ready()
        try await withThrowingTaskGroup(of: [String].self) { group in
            for number in 0..<6 {
                group.addTask { try await bench.call(Self.plan("l\(number)")).warnings }
                #expect(await eventually { links.order.count == min(number + 1, 2) })
            }
            // Neither status nor a role's end waits in line.
            #expect(try await bench.call(PluginStatus()).healthy)
            for done in 1...6 {
                links.letOneGo()
                #expect(await eventually { links.order.count == min(6, 2 + done) })
            }
            var answers: [String] = []
            for try await answer in group { answers += answer }
            #expect(answers.sorted() == (0..<6).map { "l\($0)" })
        }
        #expect(links.most == 2)
    }

    private static func plan(_ id: String) -> ProviderLinkPlan {
        ProviderLinkPlan(
            linkId: id, alias: "db", consumer: .init(id: "c", name: "c", hostname: "c", addresses: .init()),
            source: .init(id: "s", name: "s", hostname: "s", addresses: .init(), running: true))
    }
}

extension RPCError {
    var code: Int64 { kind.code }
}
