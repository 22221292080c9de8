import JSONRPC
import KenterProtocol
import KenterState

/// How a plugin comes to run: which file, if it is the one that was enabled, or which address.
struct PluginStart: Sendable {
    let file: PluginFile
    /// What was enabled; `nil` for a plugin that came with the engine.
    var record: PluginRecord?
    let trust: PluginTrust

    /// Opens and checks the file; `nil` for a plugin at an address.
    ///
    /// Throws ``PluginRefusal`` where the file may not be run, or is not the one that was enabled.
    func open() throws -> PluginExecutable? {
        if let fault = file.fault { throw PluginRefusal(fault) }
        if let record, record.path != file.path {
            throw changed("it was enabled as \(record.path), and is \(file.path) now")
        }
        guard PluginAddress(path: file.path) == nil else { return nil }
        guard file.isForeign else { return try PluginExecutable.open(file.path, trust: trust) }
        let executable = try PluginExecutable.openDigested(file.path, trust: trust)
        guard let record, let now = executable.identity, let then = record.file else { return executable }
        if now.digest != then.digest {
            throw changed("its SHA-256 was \(then.digest.prefix(12))… and is \(now.digest.prefix(12))… now")
        }
        if now != then {
            throw changed("its owner and mode were \(Self.text(then)), and are \(Self.text(now)) now")
        }
        return executable
    }

    /// Starts it, or connects to it; nothing has been said to it yet.
    func run(
        _ executable: PluginExecutable?, stateDirectory: String, output: PluginOutput,
        event: @escaping @Sendable (PluginEvent) -> Void
    ) throws -> PluginProcess {
        if let executable {
            return try PluginProcess(
                file.name, executable, stateDirectory: stateDirectory, output: output, event: event)
        }
        guard let address = PluginAddress(path: file.path) else { throw PluginRefusal("\(file.path) is no address") }
        return try PluginProcess(file.name, at: address, output: output, event: event)
    }

    /// What both sides know; `nil` for an executable, which only this engine can speak to.
    func secret() throws -> PluginSecret? {
        guard PluginAddress(path: file.path) != nil else { return nil }
        guard let path = file.secretPath else { throw PluginRefusal("\(file.path) has no secret") }
        return try PluginSecret(at: path, trust: trust)
    }

    /// Roles it may play; paths and namespaces mean nothing to a plugin at an address.
    var roles: Set<ProviderRole> {
        let named = file.roles ?? Set(ProviderRole.allCases)
        return PluginAddress(path: file.path) == nil ? named : named.intersection([.link])
    }

    private func changed(_ how: String) -> PluginRefusal {
        PluginRefusal(
            "it is not what was enabled: \(how); if that is meant, run 'kenter plugin enable \(file.name)' again")
    }

    private static func text(_ identity: PluginRecord.FileIdentity) -> String {
        "\(identity.owner) and \(String(identity.mode, radix: 8))"
    }
}
