import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    /// Starts each container named in a call, sources before their consumers; cycles among them start together.
    func start(_ params: ContainerStart) async throws -> ContainerOutcomes {
        let references = params.container.map { [$0] } ?? params.containers ?? []
        let (ordered, order) = try store.read { try Self.ordered(references, $0) }
        var cycles: [String: Result<Void, any Error>] = [:]
        return try await eachInLine(params.container, ordered) { container, places in
            let group = order.group(of: container.id)
            if group.count < 2 { return try await self.startWhenReady(container.id, places) }
            for id in group { places.leave(id) }
            if cycles[container.id] == nil { cycles.merge(await self.startCycle(group)) { first, _ in first } }
            try cycles[container.id]?.get()
        }
    }

    /// Starts one container; the caller holds its gate. After an error it is as it was before.
    ///
    /// - Parameters:
    ///   - together: Ids of the containers that start with it: they count as running.
    ///   - joined: Its network namespace, where it has joined its network already.
    func start(
        _ container: ContainerRecord, together: Set<String> = [], joined: ContainerSpecification.Namespace? = nil
    ) async throws {
        switch container.state.status {
        case .running: return
        case .paused:
            throw RPCError(.precondition, "cannot start a paused container, try unpause instead.")
        case .removing: throw RPCError(.precondition, "container \(container.name) is being removed")
        case .created, .exited, .restarting: break
        }
        if container.state.status != .restarting { watchers.cancel(container.id) }
        try links.checkStartable(container, together: together)
        let isRestart = container.state.status == .restarting
        try update(container.id) { state in
            state.isStarting = true
            state.isWanted = true
            state.reason = nil
            if !isRestart { (state.restartCount, state.hastyRestarts) = (0, nil) }
        }
        do {
            try await bringUp(try reload(container.id), joined)
        } catch {
            await tearDown(container)
            let reason = EngineError.wire(error).message
            try update(container.id) { state in
                state.isStarting = false
                state.isWanted = isRestart
                state.reason = reason
                if isRestart { state.status = .exited }
            }
            throw error
        }
    }

    private func bringUp(_ container: ContainerRecord, _ joined: ContainerSpecification.Namespace?) async throws {
        try await mountRoot(container)
        CrashPoint.reach("after the root filesystem was mounted")
        let network = if let joined { joined } else { try await joinNetwork(container) }
        let linked = try await links.begin(container)
        var specification = try specification(of: container)
        specification.network = network
        let binds = ContainerBinds(directories: directories, containerId: container.id)
        defer { binds.remove() }
        try await complete(&specification, container, linked, try binds.make(container.definition.mounts))
        var options = ContainerOptions()
        options.hasInput = container.definition.config.stdinOpen
        // The end of the first client's input is that of the container's, as in a pipe; a terminal has none, and what was
        // started for nobody waits for whoever comes.
        options.keepsInputOpen = container.definition.config.tty || !attachments.isAwaited(container.id)
        CrashPoint.reach("before the process is made")
        let process = try await runtime.create(container.id, specification, options: options)
        CrashPoint.reach("after the process was made")
        attachments.release(container.id, runtime)
        try await runtime.start(container.id)
        CrashPoint.reach("after the process was started")
        try update(
            container.id, event: "container.started", attributes: ["image": container.definition.image]
        ) { state in
            state.status = .running
            state.isStarting = false
            state.isProvisional = nil
            state.pid = process.pid
            state.pidStartTime = process.startTicks
            state.startedAt = .now
            state.finishedAt = nil
            state.exitCode = nil
            state.oomKilled = false
            state.health = HealthPlan(container.definition.config.healthcheck).map { _ in .init(status: .starting) }
        }
        attachments.release(container.id, runtime)
        watch(container.id)
        watchHealth(container.id)
        await links.sourceChanged(container.id)
    }

    // MARK: network

    func joinNetwork(_ container: ContainerRecord) async throws -> ContainerSpecification.Namespace {
        let namespace = NetworkNamespace(path: directories.namespace(container.id))
        switch container.definition.network {
        case .host: return .host
        case .none:
            try await namespace.create()
            return .path(namespace.path)
        case .container(let id):
            guard let owner = try store.read({ try $0.networkOwner(of: container) }) else {
                throw RPCError(.notFound, "No such container: \(id)")
            }
            guard owner.state.isRunning else {
                throw RPCError(.precondition, "cannot join network of a non running container: \(owner.id)")
            }
            if owner.definition.network == .host { return .host }
            return .path(directories.namespace(owner.id))
        case .network:
            try await namespace.create()
            try await networks.attach(container)
            return .path(namespace.path)
        }
    }

    // MARK: the rest of the specification

    /// What follows from the definition alone.
    func specification(of container: ContainerRecord) throws -> ContainerSpecification {
        let definition = container.definition
        let config = definition.config
        let command = config.entrypoint + config.command
        var process = ContainerProcess(
            arguments: config.`init` == true ? ContainerInit.arguments(command) : command, environment: [])
        process.workingDirectory = config.workdir
        process.hasTerminal = config.tty
        var specification = ContainerSpecification(
            process: process, rootPath: directories.rootfs(container.id), hostname: config.hostname)
        specification.isRootReadOnly = config.readOnly
        specification.isPrivileged = config.privileged
        specification.capabilitiesAdded = config.capAdd
        specification.capabilitiesDropped = config.capDrop
        specification.resources = definition.resources.limits
        return specification
    }

    private func complete(
        _ specification: inout ContainerSpecification, _ container: ContainerRecord, _ linked: LinkedState,
        _ bindPaths: [String: String]
    ) async throws {
        let rootPath = directories.rootfs(container.id)
        let config = container.definition.config
        let user = try UserLookup(rootPath: rootPath).resolve(config.user)
        specification.process.user = user
        specification.process.environment = try environment(container, linked.variables, home: user.home)
        try RootDirectory(rootPath).make(config.workdir)
        try ContainerFiles(directories: directories, configuration: configuration, store: store)
            .write(container, linkEntries: linked.hosts)
        specification.mounts = try await mounts(container, bindPaths)
    }

    private func environment(_ container: ContainerRecord, _ variables: [LinkVariable], home: String) throws -> [String]
    {
        let assembly = EnvironmentAssembly(
            hostname: container.definition.config.hostname, hasTerminal: container.definition.config.tty,
            linkVariables: variables, imageEnv: container.definition.imageEnv, ownEnv: container.definition.ownEnv,
            execEnv: [], home: home)
        let environment = assembly.assembled()
        let config = container.definition.config
        try EnvironmentAssembly.checkSize(
            environment, arguments: config.entrypoint + config.command, container: container.name,
            stackLimitBytes: EnvironmentAssembly.stackLimitBytes)
        return environment
    }

    private func mounts(_ container: ContainerRecord, _ bindPaths: [String: String]) async throws -> [ContainerMount] {
        let files = ContainerFiles(directories: directories, configuration: configuration, store: store)
        var mounts = try files.mounts(container)
        if container.definition.config.`init` == true { mounts.append(try ContainerInit.mount()) }
        return Self.ordered(mounts + (try await ownMounts(container, bindPaths)))
    }

    /// Volumes, binds and tmpfs.
    func ownMounts(_ container: ContainerRecord, _ bindPaths: [String: String]) async throws -> [ContainerMount] {
        var mounts: [ContainerMount] = []
        let binds = ContainerBinds(directories: directories, containerId: container.id)
        for (number, mount) in container.definition.mounts.enumerated() {
            switch mount.type {
            case .volume:
                mounts.append(
                    try await volumes.mount(
                        mount, rootPath: directories.rootfs(container.id), stagePath: binds.volumePath(number)))
            case .bind:
                guard let path = bindPaths[mount.target] else { continue }
                mounts.append(.bind(path, to: mount.target, readOnly: mount.readOnly))
            case .tmpfs:
                var options = ["nosuid", "nodev", "noexec", "mode=1777"]
                if let size = mount.sizeBytes { options.append("size=\(size)") }
                if mount.readOnly { options.append("ro") }
                mounts.append(ContainerMount(target: mount.target, type: "tmpfs", source: "tmpfs", options: options))
            }
        }
        return mounts
    }

    /// Outer mounts before those inside them, whatever order they were asked for in.
    static func ordered(_ mounts: [ContainerMount]) -> [ContainerMount] {
        mounts.enumerated().sorted { left, right in
            let depths = (
                left.element.target.split(separator: "/").count, right.element.target.split(separator: "/").count
            )
            return depths == (depths.1, depths.0) ? left.offset < right.offset : depths.0 < depths.1
        }.map(\.element)
    }
}
