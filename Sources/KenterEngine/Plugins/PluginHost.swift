package import JSONRPC
package import KenterProtocol
package import Logging
import CLinux
import Glibc
import KenterState
import Synchronization

/// All plugins of the engine: starts and ends them, finds the provider of a role, and makes the engine's calls to it.
///
/// No plugin is known by name here. A call fails closed: with `unavailable` when its plugin does not run. Callers hold
/// no lock and no transaction while they wait.
package final class PluginHost: Sendable {
    /// A plugin in one of its roles.
    package struct Provider: Sendable {
        package var name: String
        package var version: String
        package var role: ProviderRole
        package var capabilities: Set<String>
        /// Link role: what it may produce beyond the variables of its alias, as it said itself.
        package var produces: JSONObject?
        /// The plugin's own directory, below which its mounts must lie.
        package var stateDirectory: String

        func has(_ capability: ProviderCapability) -> Bool { capabilities.contains(capability.rawValue) }
    }

    let settings: PluginSettings
    let callbacks: PluginCallbacks
    let log: Logger
    /// `nil` where only what came with the engine is run.
    let foreign: ForeignPlugins?
    /// Enabling and disabling, one at a time for each plugin.
    let changes = KeyedGate()
    private let registry: Mutex<[SupervisedPlugin]>

    /// Plugins that run or are to run, by name.
    var plugins: [SupervisedPlugin] { registry.withLock { $0 } }

    /// - Parameters:
    ///   - files: What came with the engine.
    ///   - foreign: Where others are; those that were enabled are run too.
    package init(
        _ files: [PluginFile], _ settings: PluginSettings, _ callbacks: PluginCallbacks,
        foreign: ForeignPlugins? = nil, log: Logger
    ) {
        self.settings = settings
        self.callbacks = callbacks
        self.foreign = foreign
        self.log = log
        let enabled = foreign?.enabled(besides: Set(files.map(\.name)), trust: settings.trust, log: log) ?? []
        let all: [(PluginFile, PluginRecord?)] = files.map { ($0, nil) } + enabled.map { ($0.file, $0.record) }
        registry = Mutex(
            all.sorted { $0.0.name < $1.0.name }.map { SupervisedPlugin($0.0, $0.1, settings, callbacks, log: log) })
        // A plugin may die before it has read what is written to it.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Puts a plugin in the place of the one of its name; `nil` takes that out. Returns the one that was there.
    func replace(_ name: String, with plugin: SupervisedPlugin?) -> SupervisedPlugin? {
        registry.withLock { plugins in
            let old = plugins.first { $0.file.name == name }
            plugins.removeAll { $0.file.name == name }
            if let plugin {
                plugins.append(plugin)
                plugins.sort { $0.file.name < $1.file.name }
            }
            return old
        }
    }

    /// Starts all plugins, and returns at once: calls wait until theirs runs.
    package func start() async {
        for plugin in plugins { await plugin.start() }
    }

    /// Ends all plugins at the same time: each has the deadline to answer, and again to exit before force is used. Returns
    /// once their processes are gone.
    package func shutdown(deadline: Duration = .seconds(5)) async {
        await withTaskGroup { group in
            for plugin in plugins { group.addTask { await plugin.stop(within: deadline) } }
        }
    }

    /// Ends a plugin, starts it again, also one that has failed, and waits until it runs.
    ///
    /// Throws ``RPCError``: `notFound`; `unavailable` with the reason when it does not come up; `timeout`.
    package func restart(_ name: String, timeout: Duration = .seconds(30)) async throws {
        try await changes.enter(name) { try await plugin(named: name).restart(timeout: timeout) }
    }

    /// Every plugin as it is now, by name, also those that are not enabled; waits for none.
    package func summaries() -> [PluginSummary] {
        let known = plugins
        let inert = inertFiles().filter { file in !known.contains { $0.file.name == file.name } }
        return (known.map(\.summary) + inert.map(Self.summary)).sorted { $0.name < $1.name }
    }

    /// One plugin as it is now; waits for nothing.
    package func summary(_ name: String) throws(RPCError) -> PluginSummary {
        if let known = plugins.first(where: { $0.file.name == name }) { return known.summary }
        if let inert = inertFiles().first(where: { $0.name == name }) { return Self.summary(inert) }
        return try plugin(named: name).summary
    }

    /// Variables that this provider may set although they change how programs run.
    package func grantedVariables(of name: String) -> Set<String> {
        Set(plugins.first { $0.file.name == name }?.record?.grantedVariables ?? [])
    }

    private static func summary(_ file: PluginFile) -> PluginSummary {
        var status = stat()
        let changed = stat(file.path, &status) == 0 ? Int64(status.st_ctim.tv_sec) * 1_000_000_000 : 0
        return PluginSummary(
            name: file.name, path: file.path, isShipped: false, state: .disabled,
            since: Timestamp(nanoseconds: changed).description, reason: file.fault ?? "it is not enabled",
            restartCount: 0)
    }

    func inertFiles() -> [PluginFile] { foreign?.found(trust: settings.trust) ?? [] }

    // MARK: roles

    /// Calls the provider of a role: the one named, else the default one of the role.
    ///
    /// The timeout covers all of it: the plugin's start, the wait for a free place among its calls, and the call.
    /// Throws ``RPCError``: the plugin's own, `unavailable`, `pluginCrashed`, `pluginProtocol`, `timeout`, `cancelled`,
    /// and what ``provider(_:named:timeout:)`` throws. After any error the call may have had its effect: whoever
    /// called takes it back.
    package func call<M: RPCMethod>(
        _ method: M, role: ProviderRole, provider: String? = nil, timeout: Duration = .seconds(30)
    ) async throws -> M.Result {
        let deadline = Self.deadline(in: timeout)
        return try await UnansweredProviders.ask(role, provider) {
            let found = try await plugin(for: role, named: provider, until: deadline)
            return try await found.call(method, timeout: deadline - .now)
        }
    }

    /// The provider of a role: the one named, else the one that the configuration names, else the only one there is.
    ///
    /// Waits while a plugin that may be it has not yet said its roles. Throws ``RPCError``: `notFound` for a name that
    /// no plugin has, `unsupported` for one that does not play the role, or lacks what is needed, `precondition` when a
    /// choice is needed, `unavailable` when no plugin plays the role, `timeout`, `cancelled`.
    ///
    /// - Parameter capability: What the provider must have, where not every one has it.
    package func provider(
        _ role: ProviderRole, named name: String? = nil, needing capability: ProviderCapability? = nil,
        timeout: Duration = .seconds(30)
    ) async throws -> Provider {
        let plugin = try await UnansweredProviders.ask(role, name, needing: capability) {
            try await self.plugin(for: role, named: name, needing: capability, until: Self.deadline(in: timeout))
        }
        guard let greeting = await plugin.greeting, let played = greeting.roles[role] else {
            throw Self.unsupported(plugin.file.name, role)
        }
        guard played.has(capability) else { throw Self.unsupported(plugin.file.name, role, capability) }
        return Provider(
            name: plugin.file.name, version: greeting.version, role: role,
            capabilities: Set(played.capabilities ?? []), produces: played.produces,
            stateDirectory: PluginStateDirectory.path(plugin.file.name, in: settings.stateDirectory))
    }

    /// Not later than the request is due that this is done for.
    private static func deadline(in timeout: Duration) -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + timeout
        return min(deadline, RequestScope.deadline ?? deadline)
    }

    /// - Parameter candidates: What a refusal of an unknown name lists; all plugins where missing.
    func plugin(named name: String, among candidates: [String]? = nil) throws(RPCError) -> SupervisedPlugin {
        if let plugin = plugins.first(where: { $0.file.name == name }) { return plugin }
        if inertFiles().contains(where: { $0.name == name }) {
            throw RPCError(
                .unavailable, "plugin '\(name)' is not enabled: run 'kenter plugin enable \(name)' once you trust it",
                details: ["plugin": .string(name), "state": "disabled"])
        }
        let names = (candidates ?? plugins.map(\.file.name)).map { "'\($0)'" }
        let verb = names.count > 1 ? "are" : "is"
        let known = "there \(verb) \(names.isEmpty ? "none" : names.joined(separator: ", "))"
        throw RPCError(.notFound, "no plugin named '\(LogText.escape(name, limit: 64))': \(known)")
    }

    private func plugin(
        for role: ProviderRole, named name: String?, needing capability: ProviderCapability? = nil,
        until deadline: ContinuousClock.Instant
    ) async throws -> SupervisedPlugin {
        guard let name = name ?? settings.defaultProviders[role] else {
            return try await onlyPlugin(for: role, needing: capability, until: deadline)
        }
        let plugin = try plugin(named: name, among: await players(of: role))
        try await plugin.settle(until: deadline)
        // One that never came up is left to the call, which says why.
        if let greeting = await plugin.greeting, greeting.roles[role] == nil { throw Self.unsupported(name, role) }
        if await plugin.greeting == nil, let refusal = await plugin.state.refusal(of: name) { throw refusal }
        return plugin
    }

    /// Plugins that play a role, or have not said yet what they play.
    private func players(of role: ProviderRole) async -> [String] {
        var names: [String] = []
        for plugin in plugins {
            if let greeting = await plugin.greeting, greeting.roles[role] == nil { continue }
            names.append(plugin.file.name)
        }
        return names
    }

    /// What came with the engine goes first: a role that it plays stays as it is when another plugin is enabled.
    private func onlyPlugin(
        for role: ProviderRole, needing capability: ProviderCapability?, until deadline: ContinuousClock.Instant
    ) async throws -> SupervisedPlugin {
        var candidates: [SupervisedPlugin] = []
        var unknown: [String] = []
        let (shipped, foreign) = (plugins.filter { !$0.file.isForeign }, plugins.filter(\.file.isForeign))
        for group in [shipped, foreign] where candidates.isEmpty {
            for plugin in group {
                try await plugin.settle(until: deadline)
                guard let greeting = await plugin.greeting else {
                    unknown.append(await plugin.state.refusal(of: plugin.file.name)?.message ?? plugin.file.name)
                    continue
                }
                if greeting.roles[role]?.has(capability) == true { candidates.append(plugin) }
            }
        }
        if candidates.count == 1 { return candidates[0] }
        let details: JSONObject = ["role": .string(role.rawValue)]
        if candidates.isEmpty {
            let reasons = unknown.isEmpty ? "install one that does" : unknown.joined(separator: "; ")
            let what = capability.map { " with the capability '\($0)'" } ?? ""
            throw RPCError(.unavailable, "no plugin plays the role '\(role)'\(what): \(reasons)", details: details)
        }
        let names = candidates.map { "'\($0.file.name)'" }.joined(separator: ", ")
        throw RPCError(
            .precondition,
            "several plugins play the role '\(role)' (\(names)): name one in config.json, defaultProviders.\(role)",
            details: details)
    }

    private static func unsupported(
        _ plugin: String, _ role: ProviderRole, _ capability: ProviderCapability? = nil
    ) -> RPCError {
        let lack =
            capability.map { "has no capability '\($0)' in the role '\(role)'" } ?? "does not play the role '\(role)'"
        return RPCError(.unsupported, "plugin '\(plugin)' \(lack): name another provider")
    }
}

/// What a provider may be able to do beyond what its role asks of everyone.
package enum ProviderCapability: String, Sendable {
    /// Storage: layers of images, and root filesystems.
    case rootfs
    case volumes
    /// Links: acts on its plans.
    case effects
    /// Networks: chooses addresses itself.
    case ipam
}

extension PluginHello.Role {
    /// Whether it has said so; everybody has what nobody needs.
    fileprivate func has(_ capability: ProviderCapability?) -> Bool {
        capability.map { capabilities?.contains($0.rawValue) == true } ?? true
    }
}
