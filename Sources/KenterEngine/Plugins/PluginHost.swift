package import JSONRPC
package import KenterProtocol
package import Logging
import CLinux
import Glibc

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
    }

    private let settings: PluginSettings
    private let plugins: [SupervisedPlugin]

    package init(_ files: [PluginFile], _ settings: PluginSettings, _ callbacks: PluginCallbacks, log: Logger) {
        self.settings = settings
        plugins = files.sorted { $0.name < $1.name }.map { SupervisedPlugin($0, settings, callbacks, log: log) }
        // A plugin may die before it has read what is written to it.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Starts all plugins, and returns at once: calls wait until theirs runs.
    package func start() async {
        for plugin in plugins { await plugin.start() }
    }

    /// Ends all plugins at the same time; force is used past the deadline. Returns once their processes are gone.
    package func shutdown(deadline: Duration = .seconds(5)) async {
        await withTaskGroup { group in
            for plugin in plugins { group.addTask { await plugin.stop(within: deadline) } }
        }
    }

    /// Ends a plugin, starts it again, also one that has failed, and waits until it runs.
    ///
    /// Throws ``RPCError``: `notFound`; `unavailable` with the reason when it does not come up; `timeout`.
    package func restart(_ name: String, timeout: Duration = .seconds(30)) async throws {
        try await plugin(named: name).restart(timeout: timeout)
    }

    /// Every plugin as it is now, by name; waits for none.
    package func summaries() -> [PluginSummary] { plugins.map(\.summary) }

    /// One plugin as it is now; waits for nothing.
    package func summary(_ name: String) throws(RPCError) -> PluginSummary { try plugin(named: name).summary }

    // MARK: roles

    /// Calls the provider of a role: the one named, else the default one of the role.
    ///
    /// The timeout covers all of it: the plugin's start, the wait for a free place among its calls, and the call.
    /// Throws ``RPCError``: the plugin's own, `unavailable`, `pluginCrashed`, `pluginProtocol`, `timeout`, `cancelled`,
    /// and what ``provider(_:named:timeout:)`` throws. After any error the call may have had its effect (rule R4).
    package func call<M: RPCMethod>(
        _ method: M, role: ProviderRole, provider: String? = nil, timeout: Duration = .seconds(30)
    ) async throws -> M.Result {
        let deadline = ContinuousClock.now + timeout
        let plugin = try await plugin(for: role, named: provider, until: deadline)
        return try await plugin.call(method, timeout: deadline - .now)
    }

    /// The provider of a role: the one named, else the one that the configuration names, else the only one there is.
    ///
    /// Waits while a plugin that may be it has not yet said its roles. Throws ``RPCError``: `notFound` for a name that
    /// no plugin has, `unsupported` for one that does not play the role, `precondition` when a choice is needed,
    /// `unavailable` when no plugin plays the role, `timeout`, `cancelled`.
    package func provider(
        _ role: ProviderRole, named name: String? = nil, timeout: Duration = .seconds(30)
    ) async throws -> Provider {
        let plugin = try await plugin(for: role, named: name, until: .now + timeout)
        guard let greeting = await plugin.greeting, let played = greeting.roles[role] else {
            throw Self.unsupported(plugin.file.name, role)
        }
        return Provider(
            name: plugin.file.name, version: greeting.version, role: role,
            capabilities: Set(played.capabilities ?? []), produces: played.produces,
            stateDirectory: PluginStateDirectory.path(plugin.file.name, in: settings.stateDirectory))
    }

    private func plugin(named name: String) throws(RPCError) -> SupervisedPlugin {
        if let plugin = plugins.first(where: { $0.file.name == name }) { return plugin }
        let names = plugins.map { "'\($0.file.name)'" }.joined(separator: ", ")
        let known = names.isEmpty ? "there is none" : "there are \(names)"
        throw RPCError(.notFound, "no plugin named '\(LogText.escape(name, limit: 64))': \(known)")
    }

    private func plugin(
        for role: ProviderRole, named name: String?, until deadline: ContinuousClock.Instant
    ) async throws -> SupervisedPlugin {
        guard let name = name ?? settings.defaultProviders[role] else {
            return try await onlyPlugin(for: role, until: deadline)
        }
        let plugin = try plugin(named: name)
        try await plugin.settle(until: deadline)
        // One that never came up is left to the call, which says why.
        if let greeting = await plugin.greeting, greeting.roles[role] == nil { throw Self.unsupported(name, role) }
        if await plugin.greeting == nil, let refusal = await plugin.state.refusal(of: name) { throw refusal }
        return plugin
    }

    private func onlyPlugin(
        for role: ProviderRole, until deadline: ContinuousClock.Instant
    ) async throws -> SupervisedPlugin {
        var candidates: [SupervisedPlugin] = []
        var unknown: [String] = []
        for plugin in plugins {
            try await plugin.settle(until: deadline)
            guard let greeting = await plugin.greeting else {
                unknown.append(await plugin.state.refusal(of: plugin.file.name)?.message ?? plugin.file.name)
                continue
            }
            if greeting.roles[role] != nil { candidates.append(plugin) }
        }
        if candidates.count == 1 { return candidates[0] }
        let details: JSONObject = ["role": .string(role.rawValue)]
        if candidates.isEmpty {
            let reasons = unknown.isEmpty ? "install one that does" : unknown.joined(separator: "; ")
            throw RPCError(.unavailable, "no plugin plays the role '\(role)': \(reasons)", details: details)
        }
        let names = candidates.map { "'\($0.file.name)'" }.joined(separator: ", ")
        throw RPCError(
            .precondition,
            "several plugins play the role '\(role)' (\(names)): name one in config.json, defaultProviders.\(role)",
            details: details)
    }

    private static func unsupported(_ plugin: String, _ role: ProviderRole) -> RPCError {
        RPCError(.unsupported, "plugin '\(plugin)' does not play the role '\(role)': name another provider")
    }
}
