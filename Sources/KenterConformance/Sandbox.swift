import CLinux
import Glibc

/// Namespaces of the calling thread, and of the processes that it starts: what plugins leave there is gone with them.
struct Sandbox {
    /// The network namespace that plugins run in.
    private var network: Int32

    /// Moves the calling thread into new namespaces; `nil` without the right to.
    static func enter() -> Sandbox? {
        guard geteuid() == 0, clinux_unshare_mounts_network_ipc() == 0 else { return nil }
        // What is mounted here stays here, and what others mount outside does not show.
        guard mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil) == 0, let network = ownNetwork() else {
            return nil
        }
        return Sandbox(network: network)
    }

    /// Goes on in a new network namespace: what one check left must not hide what the next one leaves.
    mutating func renewNetwork() throws(CheckEnd) {
        guard clinux_unshare(clinux_CLONE_NEWNET) == 0, let fresh = Self.ownNetwork() else {
            throw .skipped("cannot make a network namespace: \(String(cString: strerror(errno)))")
        }
        close(network)
        network = fresh
    }

    /// The namespace that the thread is in, with its loopback interface up.
    private static func ownNetwork() -> Int32? {
        guard clinux_interface_up("lo") == 0 else { return nil }
        let network = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        return network >= 0 ? network : nil
    }

    /// Makes a network namespace, as of a container, and binds it to a path.
    func makeNetwork(at path: String) throws(CheckEnd) {
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        let made =
            clinux_unshare(clinux_CLONE_NEWNET) == 0
            && mount("/proc/thread-self/ns/net", path, nil, UInt(MS_BIND), nil) == 0
        guard clinux_setns(network, clinux_CLONE_NEWNET) == 0, made else {
            throw .skipped("cannot make a network namespace: \(String(cString: strerror(errno)))")
        }
    }

    /// Runs `body` in the network namespace at a path.
    func inside<R>(_ path: String, _ body: () -> R) throws(CheckEnd) -> R {
        let other = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(other) }
        guard other >= 0, clinux_setns(other, clinux_CLONE_NEWNET) == 0 else {
            throw .skipped("cannot enter a network namespace: \(String(cString: strerror(errno)))")
        }
        defer { _ = clinux_setns(network, clinux_CLONE_NEWNET) }
        return body()
    }
}
