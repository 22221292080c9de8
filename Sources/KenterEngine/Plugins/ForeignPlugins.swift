import CLinux
import Glibc
import JSONRPC
package import KenterState
import Logging

/// Plugins from elsewhere: where they are looked for, and which of them somebody has enabled.
package struct ForeignPlugins: Sendable {
    /// A plugin is each executable file in it.
    let directory: String
    /// A plugin is named by each file `NAME.json` in it.
    let definitions: String
    let store: StateStore

    package init(directory: String, definitions: String, store: StateStore) {
        self.directory = directory
        self.definitions = definitions
        self.store = store
    }

    /// What is there now, by name, enabled or not; looks at files only.
    func found(trust: PluginTrust) -> [PluginFile] {
        var files: [String: PluginFile] = [:]
        for var file in (try? PluginDiscovery.find(at: [directory])) ?? [] {  // Not there: no plugins.
            file.isForeign = true
            files[file.name] = file
        }
        for entry in SmallFile.names(in: definitions) where entry.hasSuffix(".json") {
            let name = String(entry.dropLast(".json".count))
            guard PluginFile.isName(name) else { continue }
            files[name] = definition(name, "\(definitions)/\(entry)", trust)
        }
        return files.values.sorted { $0.name < $1.name }
    }

    /// Those that somebody has enabled, also where nothing is there any more: then they fail, and say why.
    func enabled(
        besides taken: Set<String>, trust: PluginTrust, log: Logger
    ) -> [(file: PluginFile, record: PluginRecord)] {
        let files = found(trust: trust)
        do {
            return try store.read { try $0.enabledPlugins() }.filter { !taken.contains($0.name) }.map { record in
                var lost = PluginFile(name: record.name, path: record.path)
                lost.isForeign = true
                return (files.first { $0.name == record.name } ?? lost, record)
            }
        } catch {
            log.error("cannot tell which plugins were enabled", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// What `NAME.json` may say; one of path and address.
    private struct Definition: Codable {
        var path: String?
        var address: String?
        var config: JSONObject?
        var roles: [String]?
    }

    private func definition(_ name: String, _ path: String, _ trust: PluginTrust) -> PluginFile {
        var file = PluginFile(name: name, path: path)
        file.isForeign = true
        do {
            let bytes = try PluginExecutable.content(of: path, trust: trust, limitBytes: 64 << 10)
            let definition = try JSONValueDecoder(refusesUnknownMembers: true)
                .decode(Definition.self, from: try JSONScanner.scan(bytes))
            file.configuration = definition.config
            if let names = definition.roles {
                file.roles = Set(
                    try names.map { name throws -> ProviderRole in
                        guard let role = ProviderRole(rawValue: name) else {
                            throw JSONShapeError(path: "roles", detail: "'\(name)' is none of network, storage, link")
                        }
                        return role
                    })
            }
            switch (definition.path, definition.address) {
            case (let executable?, nil): file.path = executable
            case (nil, let address?):
                file.path = "tcp://\(try PluginAddress(address))"
                file.secretPath = "\(definitions)/\(name).secret"
            default: throw JSONShapeError(detail: "it needs either 'path' or 'address'")
            }
        } catch {
            file.fault = "\(path) is not valid: \(LogText.escape("\(error)", limit: 512))"
        }
        return file
    }
}
