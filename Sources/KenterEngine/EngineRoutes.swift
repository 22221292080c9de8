import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterSchema
import KenterState

extension Engine {
    /// The whole API on one screen: which service answers which method.
    func routes() -> Routes {
        var routes = Routes()
        addEngine(&routes)
        addContainers(&routes)
        addThings(&routes)
        addDiscovery(&routes)
        return routes
    }

    private func addEngine(_ routes: inout Routes) {
        routes.on(EnginePing.self) { _, _ in Empty() }
        routes.on(EngineInfo.self) { _, _ in try await self.info() }
        routes.on(EngineLimits.self) { _, _ in self.limits.result }
        routes.on(EngineShutdown.self) { _, _ in
            self.requestEnd()
            return Empty()
        }
        routes.on(RpcAuth.self) { _, _ in Empty() }  // Checked where the connection was let in.

        routes.on(EventsHistory.self) { params, _ in try self.journal.history(params) }
        routes.on(EventsSubscribe.self) { params, context in
            let start = try self.journal.start(since: params.since)
            let filter = try self.journal.resolved(params.filter)
            let subscription = try context.session.subscribe(after: context.request) { [journal = self.journal] name in
                await journal.run(name, filter: filter, after: start.cursor, to: context.connection)
            }
            return EventsSubscribe.Result(subscription: subscription, seq: start.last)
        }
        routes.on(EventsUnsubscribe.self) { params, context in
            try context.session.unsubscribe(params.subscription)
            return Empty()
        }

        routes.onList(PluginList.self) { params, _ in
            let page = try Page.of(self.plugins.summaries(), params.limit, params.cursor, \.name)
            return PluginList.Result(plugins: page.items, next: page.next)
        }
        routes.on(PluginInspect.self) { params, _ in try self.plugins.summary(params.plugin) }
        routes.on(PluginRestart.self) { params, _ in
            try await self.plugins.restart(params.plugin)
            return Empty()
        }
        routes.on(PluginEnable.self) { params, context in
            try context.session.requireLocalRoot("enable a plugin")
            let summary = try await self.plugins.enable(params.plugin, grants: params.grants ?? [])
            return PluginEnable.Result(state: summary.state, reason: summary.reason)
        }
        routes.on(PluginDisable.self) { params, context in
            try context.session.requireLocalRoot("disable a plugin")
            try await self.plugins.disable(params.plugin, isForced: params.force ?? false)
            return Empty()
        }
    }

    /// The document is made from the routes themselves, when it is asked for.
    private func addDiscovery(_ routes: inout Routes) {
        let methods = routes.methods + [RpcDiscover.self]
        routes.on(RpcDiscover.self) { _, _ in
            try EngineAPI.document(version: Self.version, methods: methods)
        }
    }

    private func addContainers(_ routes: inout Routes) {
        let service = containers
        routes.on(ContainerCreate.self) { params, _ in try await service.create(params) }
        routes.on(ContainerRun.self) { params, _ in try await service.run(params.create) }
        routes.on(ContainerStart.self) { params, _ in try await service.start(params) }
        routes.on(ContainerStop.self) { params, _ in
            try await service.each(params.container, params.containers) {
                try await service.stop($0, timeoutSeconds: params.timeoutSeconds, signal: params.signal)
            }
        }
        routes.on(ContainerRestart.self) { params, _ in
            try await service.eachInLine(params.container, params.containers) {
                try await service.restartWhenReady(
                    $0.id, $1, timeoutSeconds: params.timeoutSeconds, signal: params.signal)
            }
        }
        routes.on(ContainerKill.self) { params, _ in
            try await service.eachInLine(params.container, params.containers) {
                try await service.kill($0, $1, signal: params.signal)
            }
        }
        routes.on(ContainerPause.self) { params, _ in
            try await service.each(params.container, params.containers) { try await service.pause($0) }
        }
        routes.on(ContainerResume.self) { params, _ in
            try await service.each(params.container, params.containers) { try await service.resume($0) }
        }
        routes.on(ContainerRemove.self) { params, _ in try await service.remove(params) }
        routes.on(ContainerRename.self) { params, _ in try await service.rename(params) }
        routes.on(ContainerUpdate.self) { params, _ in try await service.update(params) }
        routes.on(ContainerWait.self) { params, _ in try await service.wait(params) }
        routes.onList(ContainerList.self) { params, _ in try service.list(params) }
        routes.on(ContainerInspect.self) { params, _ in try service.inspect(params) }
        routes.on(ContainerLogs.self) { params, context in try await service.logs(params, context) }
        routes.on(ContainerExec.self) { params, context in try await service.exec(params, context) }
        routes.on(ContainerAttach.self) { params, context in try await service.attach(params, context) }
        routes.on(ContainerCopyOut.self) { params, context in try await service.copyOut(params, context) }
        routes.on(ContainerCopyIn.self) { params, context in try await service.copyIn(params, context) }
        routes.on(ContainerTop.self) { params, _ in try service.top(params) }
        routes.on(ContainerStats.self) { params, _ in try await service.stats(params) }
        routes.on(ContainerPrune.self) { _, _ in try await service.prune() }
    }

    private func addThings(_ routes: inout Routes) {
        let (images, volumes, networks, links) = (images, volumes, networks, links)
        routes.on(ImagePull.self) { params, context in try await images.pull(params, context.progress) }
        routes.on(ImageLoad.self) { params, context in try await images.load(params, context) }
        routes.on(ImageImport.self) { params, context in try await images.importArchive(params, context) }
        routes.onList(ImageList.self) { params, _ in
            let page = try Page.of(try images.list(), params.limit, params.cursor, \.id)
            return ImageList.Result(images: page.items, next: page.next)
        }
        routes.on(ImageInspect.self) { params, _ in try images.inspect(params) }
        routes.on(ImageTag.self) { params, _ in try images.tag(params) }
        routes.on(ImageRemove.self) { params, _ in try await images.remove(params) }
        routes.on(ImagePrune.self) { _, _ in try await images.prune() }

        routes.on(VolumeCreate.self) { params, _ in try await volumes.create(params) }
        routes.onList(VolumeList.self) { params, _ in
            let page = try Page.of(try volumes.list(), params.limit, params.cursor, \.name)
            return VolumeList.Result(volumes: page.items, next: page.next)
        }
        routes.on(VolumeInspect.self) { params, _ in try volumes.inspect(params.volume) }
        routes.on(VolumeRemove.self) { params, _ in try await volumes.remove(params) }
        routes.on(VolumePrune.self) { params, _ in try await volumes.prune(params) }

        routes.onList(NetworkList.self) { params, _ in
            let page = try Page.of(try networks.list(), params.limit, params.cursor, \.name)
            return NetworkList.Result(networks: page.items, next: page.next)
        }
        routes.on(NetworkInspect.self) { params, _ in try networks.inspect(params.network) }
        routes.on(NetworkCreate.self) { params, _ in try await networks.create(params) }
        routes.on(NetworkRemove.self) { params, _ in try await networks.remove(params) }
        routes.on(NetworkPrune.self) { _, _ in try await networks.prune() }
        routes.on(NetworkConnect.self) { [containers] params, _ in
            try await containers.connect(params)
            return Empty()
        }
        routes.on(NetworkDisconnect.self) { [containers] params, _ in
            try await containers.disconnect(params)
            return Empty()
        }

        routes.onList(LinkList.self) { params, _ in
            let page = try Page.of(try links.list(container: params.container), params.limit, params.cursor, \.id)
            return LinkList.Result(links: page.items, next: page.next)
        }
        routes.on(LinkInspect.self) { params, _ in
            try links.inspect(
                consumer: params.consumer, alias: params.alias, showsSecrets: params.showSecrets ?? false)
        }
        routes.on(LinkGraph.self) { _, _ in try links.graph() }
        routes.on(LinkPlanRequest.self) { params, _ in try await self.containers.planLinks(params) }
        routes.on(LinkCreate.self) { params, _ in try await self.containers.createLink(params) }
        routes.on(LinkRemove.self) { params, _ in try await self.containers.removeLink(params) }
    }

    private func info() async throws -> EngineInfo.Result {
        var system = utsname()
        uname(&system)
        func text<T>(_ value: T) -> String {
            withUnsafeBytes(of: value) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        var providers: [String: String] = [:]
        for role in ProviderRole.allCases {
            // A role without a provider is shown by its absence.
            providers[role.rawValue] = try? await plugins.provider(role, timeout: .milliseconds(200)).name
        }
        return EngineInfo.Result(
            name: "kenter", version: Self.version, apiLevel: Self.apiLevel, features: [], root: directories.root,
            pid: Int(getpid()),
            config: configuration.json(
                providers: providers, bridge: try store.read { try $0.network(named: NetworkService.defaultName) },
                limits: limits),
            providers: providers,
            os: EngineInfo.OperatingSystem(
                kernel: text(system.release), architecture: text(system.machine),
                cgroup: runtime.layout.version.rawValue,
                runtime: runtime.runtimeDescription),
            warnings: await networks.foreignBlocks())
    }
}
