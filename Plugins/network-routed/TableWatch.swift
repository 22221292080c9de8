import KenterPluginKit
import Netlink
import Synchronization
import Threads

/// Looks after the table as long as the plugin runs: when somebody deletes from it, it is put back.
enum TableWatch {
    /// Watches from now on, in the network namespace of the calling thread.
    static func start(_ networks: RoutedNetworks, _ log: PluginLogger) throws {
        let watch = Mutex(try PacketFilterWatch())
        DetachedThread.start {
            do {
                while true {
                    let loss = try watch.withLock { try $0.next() }
                    if case .tables(let names) = loss, !names.contains(networks.names.filterTable) { continue }
                    // Unstructured because a thread hands over to the actor, for as long as the process lives.
                    Task { await networks.restoreTable() }
                }
            } catch {
                log.error("the packet filter is no longer watched: \(error)")
            }
        }
    }
}
