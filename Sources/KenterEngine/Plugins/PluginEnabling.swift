import JSONRPC
package import KenterProtocol
import KenterState
import Logging

// enable, disable
extension PluginHost {
    /// Enables a plugin from elsewhere as its file is now, starts it, and waits until it runs or says why not.
    ///
    /// Throws ``RPCError``: `notFound`; `precondition` for one that came with the engine; `invalidParams` for a grant
    /// that is none; `unavailable` when it may not be run or says that it cannot work. Nothing has changed then.
    package func enable(_ name: String, grants: [String]) async throws -> PluginSummary {
        let variables = try grants.map(Self.variable)
        return try await changes.enter(name) {
            let (foreign, file) = try foreignFile(name)
            let start = PluginStart(file: file, record: nil, trust: settings.trust)
            let record: PluginRecord
            do {
                let executable = try start.open()
                record = PluginRecord(
                    name: name, path: file.path, file: executable?.identity,
                    manifest: try await manifest(start, executable), grantedVariables: variables,
                    enabledAt: Timestamp.now)
            } catch let refusal as PluginRefusal {
                throw RPCError(.unavailable, "plugin '\(name)' is not enabled: \(refusal.reason)")
            }
            try foreign.store.write { try $0.save(record) }
            let plugin = SupervisedPlugin(file, record, settings, callbacks, log: log)
            await replace(name, with: plugin)?.stop(within: settings.exitTimeout)
            await plugin.start()
            callbacks.event(name, PluginEvent(kind: "enabled", id: "", attributes: ["path": file.path]))
            try await plugin.settleForGood(until: .now + settings.configureTimeout)
            return plugin.summary
        }
    }

    /// Ends a plugin from elsewhere, and forgets that it was enabled.
    ///
    /// Throws ``RPCError``: `notFound`; `precondition` for one that came with the engine, for one that is not enabled
    /// and, unless forced, for one that something stands on.
    package func disable(_ name: String, isForced: Bool) async throws {
        try await changes.enter(name) {
            let plugin = try plugin(named: name)
            guard let foreign, plugin.file.isForeign else { throw Self.shipped(name, "disabled") }
            try foreign.store.write { transaction in
                let objects = try transaction.objects(ofProvider: name)
                if let first = objects.first, !isForced {
                    let others = objects.count > 1 ? " and \(objects.count - 1) more" : ""
                    throw RPCError(
                        .precondition,
                        "plugin '\(name)' provides \(first)\(others): remove those first, or disable it with --force")
                }
                try transaction.deleteEnabledPlugin(name)
            }
            await replace(name, with: nil)?.stop(within: settings.exitTimeout)
            callbacks.event(name, PluginEvent(kind: "disabled", id: ""))
        }
    }

    private func foreignFile(_ name: String) throws(RPCError) -> (ForeignPlugins, PluginFile) {
        if let known = plugins.first(where: { $0.file.name == name }), !known.file.isForeign {
            throw Self.shipped(name, "enabled")
        }
        guard let foreign, let file = inertFiles().first(where: { $0.name == name }) else {
            throw RPCError(
                .notFound,
                "no plugin named '\(LogText.escape(name, limit: 64))': put it into \(self.foreign?.directory ?? ""), "
                    + "or name it in \(self.foreign?.definitions ?? "")")
        }
        return (foreign, file)
    }

    private static func shipped(_ name: String, _ verb: String) -> RPCError {
        RPCError(.precondition, "plugin '\(name)' came with the engine: it is always enabled, and cannot be \(verb)")
    }

    /// Greets it once, in a directory that is gone afterwards.
    private func manifest(_ start: PluginStart, _ executable: PluginExecutable?) async throws -> JSONObject {
        // No plugin has a name with a point in it.
        let directory = try PluginStateDirectory.make("\(start.file.name).greeting", in: settings.stateDirectory)
        defer { DirectoryRemoval.remove(directory) }
        let output = PluginOutput(log: log, clock: settings.clock)
        do {
            let process = try start.run(executable, stateDirectory: directory, output: output) { _ in }
            let outcome: Result<PluginGreeting, any Error>
            do {
                let startUp = PluginStartUp(start: start, settings: settings, callbacks: callbacks, log: log)
                outcome = .success(try await startUp.greet(process))
            } catch {
                outcome = .failure(error)
            }
            await process.finish(within: settings.exitTimeout)
            return try JSONValueEncoder().encodeObject(try outcome.get().manifest)
        } catch let error as RPCError {
            throw PluginRefusal(error.message)
        }
    }

    /// The variable in `env=NAME`.
    private static func variable(_ grant: String) throws(RPCError) -> String {
        let name = grant.hasPrefix("env=") ? grant.dropFirst(4) : ""
        guard !name.isEmpty, !name.contains("="), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw RPCError(.invalidParams, "'\(LogText.escape(grant, limit: 64))' is no grant: use env=NAME")
        }
        return String(name)
    }
}
