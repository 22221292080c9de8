import JSONRPC
import KenterProtocol
import Synchronization

/// The plugin's side of the channel: follows the life of the plugin and passes calls to its providers.
final class PluginServer: ConnectionHandler {
    /// How far the engine has come with this plugin.
    private enum Phase: Sendable {
        case started
        case greeted(PluginHello)
        case configuring
        case ready(PluginProviders)
        case stopping
    }

    private let plugin: Plugin
    private let slots: CallSlots
    private let phase = Mutex(Phase.started)
    private let end: @Sendable () -> Void

    /// - Parameter end: Called once the engine has closed the channel and every call is answered.
    init(_ plugin: Plugin, end: @escaping @Sendable () -> Void) {
        self.plugin = plugin
        self.end = end
        slots = CallSlots(plugin.concurrency)
    }

    func answer(_ request: Request, on connection: Connection) async throws -> JSONObject {
        let call = ProviderCall(method: request.method, params: request.params)
        switch request.method {
        case PluginHello.name: return try await call.answer(with: hello)
        case PluginConfigure.name: return try await call.answer { try await self.configure($0, on: connection) }
        case PluginStatus.name: return try await call.answer(with: status)
        case PluginShutdown.name: return try await call.answer(with: shutdown)
        case ProviderReconcile.name: return try await call.answer(with: reconcile)
        default: return try await answerRole(call)
        }
    }

    func closed(_ connection: Connection) { end() }

    // MARK: life

    private func hello(_ hello: PluginHello) async throws -> PluginHello.Result {
        let answer = try plugin.greet(hello)
        phase.withLock { phase in
            switch phase {
            case .started, .greeted: phase = .greeted(hello)
            case .configuring, .ready, .stopping: break
            }
        }
        return answer
    }

    private func configure(_ request: PluginConfigure, on connection: Connection) async throws
        -> PluginConfigure.Result
    {
        let hello = try beginConfiguring()
        let context = PluginContext(
            instance: hello.instance, engine: hello.engine, limits: hello.limits, config: request.config,
            stateDirectory: request.stateDir
        ) { method, params in
            if !connection.notify(method, params) { StandardError.write("\(method): \(JSONValue.object(params).text)") }
        }
        do {
            let providers = try await plugin.setup(context)
            let missing = Set(plugin.roles.keys).subtracting(providers.byRole.map(\.role)).sorted()
            guard missing.isEmpty else {
                throw RPCError(
                    .internal, "\(plugin.identity.name) made no provider for: \(missing.joined(separator: ", "))")
            }
            phase.withLock { $0 = .ready(providers) }
            return PluginConfigure.Result(ready: true, warnings: providers.warnings.isEmpty ? nil : providers.warnings)
        } catch {
            phase.withLock { $0 = .greeted(hello) }
            throw error
        }
    }

    private func beginConfiguring() throws -> PluginHello {
        try phase.withLock { phase in
            switch phase {
            case .greeted(let hello):
                phase = .configuring
                return hello
            case .started: throw tooEarly(PluginConfigure.name, PluginHello.name)
            case .configuring, .ready:
                throw RPCError(.precondition, "\(plugin.identity.name) is configured already")
            case .stopping: throw stopping()
            }
        }
    }

    private func status(_ request: PluginStatus) async throws -> PluginStatus.Result {
        for (role, provider) in try ready(for: PluginStatus.name).byRole {
            let status = await provider.status()
            if !status.healthy { return PluginStatus.Result(healthy: false, detail: "\(role): \(status.detail ?? "")") }
        }
        return PluginStatus.Result(healthy: true)
    }

    private func shutdown(_ request: PluginShutdown) async throws -> Empty {
        let providers = phase.withLock { phase -> PluginProviders? in
            defer { phase = .stopping }
            if case .ready(let providers) = phase { return providers }
            return nil
        }
        for (_, provider) in providers?.byRole ?? [] {
            await provider.shutdown(within: .milliseconds(request.deadlineMs))
        }
        return Empty()
    }

    // MARK: roles

    private func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        let providers = try ready(for: ProviderReconcile.name)
        return try await slots.run {
            var total = ProviderReconcile.Result()
            for (_, provider) in providers.byRole {
                let result = try await provider.reconcile(request)
                total.removed += result.removed
                total.missing += result.missing
                total.errors += result.errors
            }
            return total
        }
    }

    private func answerRole(_ call: ProviderCall) async throws -> JSONObject {
        guard let role = PluginRole(method: call.method), plugin.roles[role.rawValue] != nil else {
            throw unknown(call.method)
        }
        let providers = try ready(for: call.method)
        return try await slots.run {
            let answer =
                switch role {
                case .network: try await providers.network?.answer(call)
                case .storage: try await providers.storage?.answer(call)
                case .link: try await providers.link?.answer(call)
                }
            guard let answer else { throw self.unknown(call.method) }
            return answer
        }
    }

    private func ready(for method: String) throws -> PluginProviders {
        try phase.withLock { phase in
            switch phase {
            case .ready(let providers): return providers
            case .started: throw tooEarly(method, PluginHello.name)
            case .greeted, .configuring: throw tooEarly(method, PluginConfigure.name)
            case .stopping: throw stopping()
            }
        }
    }

    private func unknown(_ method: String) -> RPCError {
        RPCError(.methodNotFound, "\(plugin.identity.name) has no method '\(method)'")
    }

    private func tooEarly(_ method: String, _ first: String) -> RPCError {
        RPCError(.precondition, "\(method) comes too early: call \(first) first")
    }

    private func stopping() -> RPCError {
        RPCError(.shuttingDown, "\(plugin.identity.name) is shutting down")
    }
}
