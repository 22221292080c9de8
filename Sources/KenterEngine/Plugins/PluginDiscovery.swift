import CLinux
import Glibc

/// Finds plugins by looking, not by knowing their names.
package enum PluginDiscovery {
    /// Where an installed engine keeps the plugins that came with it; `executable` is the engine's own.
    package static func shippedDirectory(of executable: String) -> String? {
        guard let directory = SmallFile.realPath(of: "\(parent(of: executable))/../libexec/kenter/plugins") else {
            return nil
        }
        return kind(of: directory) == S_IFDIR ? directory : nil
    }

    /// The plugins at these paths, by name: a file is one plugin, a directory holds one in every executable file.
    ///
    /// Other files of a directory are passed over; a path that leads nowhere, and two plugins of one name, are errors.
    package static func find(at paths: [String]) throws(PluginRefusal) -> [PluginFile] {
        var found: [String: PluginFile] = [:]
        for path in paths {
            for file in try files(at: path) {
                if let other = found[file.name], other != file {
                    throw PluginRefusal(
                        "there are two plugins named '\(file.name)', \(other.path) and \(file.path): rename one")
                }
                found[file.name] = file
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    private static func files(at path: String) throws(PluginRefusal) -> [PluginFile] {
        guard kind(of: path) != nil else {
            throw PluginRefusal("no plugin at '\(path)': \(String(cString: strerror(errno)))")
        }
        if kind(of: path) == S_IFDIR {
            guard let directory = SmallFile.realPath(of: path), let names = SmallFile.readableNames(in: directory)
            else {
                throw PluginRefusal("cannot list the plugins in '\(path)': \(String(cString: strerror(errno)))")
            }
            return names.filter { PluginFile.isName($0) && isExecutable("\(directory)/\($0)") }
                .map { PluginFile(name: $0, path: "\(directory)/\($0)") }
        }
        guard let directory = SmallFile.realPath(of: parent(of: path)) else {
            throw PluginRefusal("no plugin at '\(path)': \(String(cString: strerror(errno)))")
        }
        let name = String(path.split(separator: "/").last ?? "")
        guard PluginFile.isName(name) else {
            throw PluginRefusal(
                "'\(LogText.escape(name))' is no name for a plugin: use up to 64 of a-z, 0-9 and '-', not '-' first")
        }
        return [PluginFile(name: name, path: "\(directory)/\(name)")]
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// Symbolic links to files count: they are refused, visibly, when they are to be started.
    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
    }
}
