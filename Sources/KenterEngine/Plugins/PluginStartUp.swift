import JSONRPC
import KenterProtocol
import Logging

/// The conversation that makes a process a working plugin: hello, configure, reconcile.
///
/// Each step throws ``PluginRefusal`` where another start would not help.
struct PluginStartUp: Sendable {
    let start: PluginStart
    let settings: PluginSettings
    let callbacks: PluginCallbacks
    let log: Logger

    private var plugin: String { start.file.name }

    func greet(_ process: PluginProcess) async throws -> PluginGreeting {
        let secret = try start.secret()
        let nonce = secret.map { _ in PluginSecret.nonce() }
        let answer = try await hello(process, nonce: nonce)
        var greeting = try PluginGreeting(answer, protocols: PluginSettings.protocols, allowed: start.roles)
        if let secret, let nonce {
            let theirs = answer.nonce ?? ""
            guard theirs.utf8.count >= PluginSecret.leastBytes,
                PluginSecret.isEqual(answer.proof ?? "", secret.pluginProof(engine: nonce, plugin: theirs))
            else { throw PluginRefusal("it does not know the secret of \(start.file.secretPath ?? "")") }
            greeting.engineProof = secret.engineProof(engine: nonce, plugin: theirs)
        }
        return greeting
    }

    /// What it says of itself; its roles and versions are not checked yet.
    private func hello(_ process: PluginProcess, nonce: String?) async throws -> PluginHello.Result {
        let protocols = PluginSettings.protocols
        let limits = PluginHello.Limits(
            lineBytes: ConnectionLimits.plugin.lineBytes, stateBytes: PluginProcess.stateLimitBytes)
        let hello = PluginHello(
            protocol: protocols, engine: settings.engine, instance: settings.instance, limits: limits, nonce: nonce)
        do {
            return try await process.call(hello, timeout: settings.helloTimeout)
        } catch let error as RPCError {
            throw PluginGreeting.refusal(in: error, protocols: protocols) ?? error
        }
    }

    func configure(_ process: PluginProcess, _ greeting: PluginGreeting?) async throws {
        let configure = PluginConfigure(
            config: settings.configurations[plugin] ?? start.file.configuration ?? JSONObject(),
            stateDir: PluginStateDirectory.path(plugin, in: settings.stateDirectory), proof: greeting?.engineProof)
        let answer = try await process.call(configure, timeout: settings.configureTimeout)
        let warnings = (answer.warnings ?? []).map { LogText.escape($0, limit: 1024) }
        for warning in warnings { log.warning("plugin warns", metadata: ["warning": "\(warning)"]) }
        guard answer.ready else {
            throw PluginRefusal("it is not ready after plugin.configure: \(warnings.joined(separator: "; "))")
        }
    }

    func reconcile(_ process: PluginProcess) async throws -> ProviderReconcile.Result {
        let known = try await callbacks.reconcile()
        let result = try await reconcile(known, process)
        for failure in result.errors {
            let text = LogText.escape("\(failure.id): \(failure.message)", limit: 1024)
            log.warning("plugin could not clean up", metadata: ["error": "\(text)"])
        }
        if let stranger = known.firstStranger(in: result.missing) {
            let deed = "misses '\(LogText.escape(stranger, limit: 128))', which it was not asked for"
            process.end(.violation(deed))
            throw await process.ending().error(plugin: plugin, method: ProviderReconcile.name)
        }
        return result
    }

    /// A plugin that keeps nothing need not know the method.
    private func reconcile(
        _ known: ProviderReconcile, _ process: PluginProcess
    ) async throws -> ProviderReconcile.Result {
        do {
            return try await process.call(known, timeout: settings.reconcileTimeout)
        } catch let error as RPCError where error.kind == .unsupported {
            return ProviderReconcile.Result()
        }
    }
}

extension ProviderReconcile {
    /// The first of these ids that this request does not name.
    fileprivate func firstStranger(in ids: [String]) -> String? {
        let known = Set(networkIds + attachmentIds + linkIds + volumeIds + mountIds + containerIds + layerDigests)
        return ids.first { !known.contains($0) }
    }
}
