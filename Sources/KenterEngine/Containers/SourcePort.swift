import CLinux
import Glibc
import KenterState
import Threads

/// Tries whether a container takes connections, from within its own network namespace: there neither isolation nor
/// routing stands between, and only what listens on the container's address counts, as for its consumers.
enum SourcePort {
    /// The first port that takes no connection within a second; `nil` when all of them do.
    static func firstSilent(_ ports: [UInt16], address: String, namespacePath: String) async -> UInt16? {
        // The thread that enters the container's namespace ends here: no later work ever runs on it.
        await DetachedThread.runApart {
            guard enter(namespacePath) else { return ports.first }
            return ports.first { !connects(to: $0, address) }
        }
    }

    private static func enter(_ path: String) -> Bool {
        let namespace = open(path, O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else { return false }
        defer { close(namespace) }
        return clinux_setns(namespace, clinux_CLONE_NEWNET) == 0
    }

    private static func connects(to port: UInt16, _ text: String) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return false }
        let descriptor = clinux_stream_socket(AF_INET)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                clinux_connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size), 1000) == 0
            }
        }
    }
}
