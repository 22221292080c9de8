import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension Engine {
    /// The whole API on one screen: which service answers which method.
    func routes() -> Routes {
        var routes = Routes()
        addEngine(&routes)
        addContainers(&routes)
        addThings(&routes)
        return routes
    }

    private func addEngine(_ routes: inout Routes) {
        routes.on(EnginePing.self) { _, _ in Empty() }
        routes.on(EngineInfo.self) { _, _ in await self.info() }
        routes.on(EngineLimits.self) { _, _ in self.limits.result }
        routes.on(EngineShutdown.self) { _, _ in
            self.requestEnd()
            return Empty()
        }
        routes.on(RpcAuth.self) { _, _ in Empty() }  // Checked where the connection was let in.

        routes.on(EventsHistory.self) { params, _ in try self.journal.history(params) }
        routes.on(EventsSubscribe.self) { params, context in
            let start = try self.journal.start(since: params.since)
            let subscription = try context.session.subscribe(after: context.request) { [journal = self.journal] name in
                await journal.run(name, filter: params.filter, after: start.cursor, to: context.connection)
            }
            return EventsSubscribe.Result(subscription: subscription, seq: start.last)
        }
        routes.on(EventsUnsubscribe.self) { params, context in
            try context.session.unsubscribe(params.subscription)
            return Empty()
        }

        routes.on(PluginList.self) { params, _ in
            let page = try Page.of(self.plugins.summaries(), params.limit, params.cursor, \.name)
            return PluginList.Result(plugins: page.items, next: page.next)
        }
        routes.on(PluginInspect.self) { params, _ in try self.plugins.summary(params.plugin) }
        routes.on(PluginRestart.self) { params, _ in
            try await self.plugins.restart(params.plugin)
            return Empty()
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
            try await service.each(params.container, params.containers) {
                try await service.restart($0, timeoutSeconds: params.timeoutSeconds, signal: params.signal)
            }
        }
        routes.on(ContainerKill.self) { params, _ in
            try await service.each(params.container, params.containers, isGated: false) {
                try await service.kill($0, signal: params.signal)
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
        routes.on(ContainerWait.self) { params, _ in try await service.wait(params) }
        routes.on(ContainerList.self) { params, _ in try service.list(params) }
        routes.on(ContainerInspect.self) { params, _ in try service.inspect(params) }
        routes.on(ContainerLogs.self) { params, context in try await service.logs(params, context) }
        routes.on(ContainerExec.self) { params, context in try await service.exec(params, context) }
        routes.on(ContainerAttach.self) { params, context in try await service.attach(params, context) }
        routes.on(ContainerTop.self) { params, _ in try service.top(params) }
        routes.on(ContainerPrune.self) { _, _ in try await service.prune() }
    }

    private func addThings(_ routes: inout Routes) {
        let (images, volumes, networks, links) = (images, volumes, networks, links)
        routes.on(ImagePull.self) { params, context in try await images.pull(params, context.progress) }
        routes.on(ImageLoad.self) { params, context in try await images.load(params, context) }
        routes.on(ImageImport.self) { params, context in try await images.importArchive(params, context) }
        routes.on(ImageList.self) { params, _ in
            let page = try Page.of(try images.list(), params.limit, params.cursor, \.id)
            return ImageList.Result(images: page.items, next: page.next)
        }
        routes.on(ImageInspect.self) { params, _ in try images.inspect(params) }
        routes.on(ImageTag.self) { params, _ in try images.tag(params) }
        routes.on(ImageRemove.self) { params, _ in try await images.remove(params) }
        routes.on(ImagePrune.self) { _, _ in try await images.prune() }

        routes.on(VolumeCreate.self) { params, _ in try await volumes.create(params) }
        routes.on(VolumeList.self) { params, _ in
            let page = try Page.of(try volumes.list(), params.limit, params.cursor, \.name)
            return VolumeList.Result(volumes: page.items, next: page.next)
        }
        routes.on(VolumeInspect.self) { params, _ in try volumes.inspect(params.volume) }
        routes.on(VolumeRemove.self) { params, _ in try await volumes.remove(params) }
        routes.on(VolumePrune.self) { params, _ in try await volumes.prune(params) }

        routes.on(NetworkList.self) { params, _ in
            let page = try Page.of(try networks.list(), params.limit, params.cursor, \.name)
            return NetworkList.Result(networks: page.items, next: page.next)
        }
        routes.on(NetworkInspect.self) { params, _ in try networks.inspect(params.network) }

        routes.on(LinkList.self) { params, _ in
            let page = try Page.of(try links.list(container: params.container), params.limit, params.cursor, \.id)
            return LinkList.Result(links: page.items, next: page.next)
        }
        routes.on(LinkInspect.self) { params, _ in try links.inspect(consumer: params.consumer, alias: params.alias) }
        routes.on(LinkRemove.self) { params, _ in
            try await links.remove(consumer: params.consumer, alias: params.alias)
            return Empty()
        }
    }

    private func info() async -> EngineInfo.Result {
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
            pid: Int(getpid()), config: configuration.json, providers: providers,
            os: EngineInfo.OperatingSystem(
                kernel: text(system.release), architecture: text(system.machine),
                cgroup: runtime.layout.version.rawValue,
                runtime: runtime.runtimeDescription),
            warnings: await networks.foreignBlocks())
    }
}

/// A part of a list.
enum Page {
    /// Items from `cursor` on, at most `limit`; `next` names the first one left out.
    static func of<T>(
        _ items: [T], _ limit: Int?, _ cursor: String?, _ key: (T) -> String
    ) throws -> (items: [T], next: String?) {
        var rest = items[...]
        if let cursor {
            guard let start = items.firstIndex(where: { key($0) == cursor }) else {
                throw RPCError(.invalidParams, "the cursor '\(cursor)' names nothing in this list (any more)")
            }
            rest = items[start...]
        }
        guard let limit, limit > 0, rest.count > limit else { return (Array(rest), nil) }
        return (Array(rest.prefix(limit)), key(rest[rest.startIndex + limit]))
    }
}
