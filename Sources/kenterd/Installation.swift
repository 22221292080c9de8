import CLinux
import Glibc
import KenterEngine

/// Where this engine is installed, and what came with it: found from its own binary, not from the environment.
struct Installation {
    private let executable: String

    init(executable: String) {
        self.executable = executable
    }

    /// The path of the running binary.
    static var ownPath: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "/usr/local/bin/kenterd" }
        defer { free(path) }
        return String(cString: path)
    }

    private var directory: String {
        executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
    }

    /// The directory of the plugins that came with the engine; none in a build tree, where `--plugins` names them.
    var shippedPlugins: [String] { PluginDiscovery.shippedDirectory(of: executable).map { [$0] } ?? [] }

    /// `kenter-runtime`: installed beside the plugins, in a build tree beside the engine.
    var runtimeWrapper: String {
        let installed = "\(directory)/../libexec/kenter/kenter-runtime"
        return access(installed, X_OK) == 0 ? installed : "\(directory)/kenter-runtime"
    }

    /// The system's directories for root, XDG's for another user.
    func directories(root: String?, run: String?, socket: String?) -> EngineDirectories {
        let socket = socket.map(absolute)
        if geteuid() == 0 {
            return EngineDirectories(
                root: absolute(root ?? "/var/lib/kenter"), run: absolute(run ?? "/run/kenter"), socket: socket)
        }
        let home = variable("HOME") ?? "/"
        let data = variable("XDG_DATA_HOME") ?? "\(home)/.local/share"
        let runtime = variable("XDG_RUNTIME_DIR") ?? "/run/user/\(geteuid())"
        return EngineDirectories(
            root: absolute(root ?? "\(data)/kenter"), run: absolute(run ?? "\(runtime)/kenter"), socket: socket)
    }

    private func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return trimmed(path) }
        defer { free(current) }
        return trimmed("\(String(cString: current))/\(path)")
    }

    private func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
