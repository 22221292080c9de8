import JSONRPC
import KenterProtocol
import KenterState
import Logging

/// What a starting consumer gets from its links.
struct LinkedState: Sendable {
    var variables: [LinkVariable]
    var hosts: [LinkHostsEntry]
}

final class LinkService: Sendable {
    init(store: StateStore, plugins: PluginHost, journal: EventJournal, directories: EngineDirectories, log: Logger) {}

    /// At create, before the transaction: parse, resolve sources, texts of links.md 1–2 (network mode rules too), validate
    /// options by planning, warnings (names of secret-looking inherited variables). Nothing is written.
    func resolve(_ specifications: [String], consumerId: String, network: NetworkMode) async throws
        -> (links: [LinkRecord], warnings: [String])
    { ([], []) }

    /// Within create's transaction, after the records were saved: append link.created events.
    func recordCreation(of links: [LinkRecord], _ transaction: Transaction) throws {}

    /// Texts of links.md 2 for a start; containers in `together` count as running. Also called before restart.
    func checkStartable(_ consumer: ContainerRecord, together: Set<String>) throws {}

    /// During a start: the consumer's attachment exists (store.attachment(ofContainer:)), its process does not yet.
    /// Plans all links, validates, checks variable conflicts, creates <container dir>/links (always) and files, opens the
    /// private path (provider.network.rules), saves `applied`. Returns env and hosts lines in link order.
    func begin(_ consumer: ContainerRecord) async throws -> LinkedState { LinkedState(variables: [], hosts: []) }

    /// After a consumer has stopped (or a start failed): rules of its links removed, `applied` nil. Never throws.
    func end(_ consumerId: String) async {}

    /// The container started (maybe elsewhere), stopped, was renamed or removed: update every running consumer's hosts file,
    /// files and paths in one pass; consumer rename too. Never throws; logs.
    func sourceChanged(_ id: String) async {}

    /// Freshly computed link variables for exec; links whose source is down are left out.
    func currentVariables(_ consumer: ContainerRecord) async throws -> [LinkVariable] { [] }

    func list(container: String?) throws -> [Link] { [] }
    func inspect(consumer: String, alias: String) throws -> Link {
        throw RPCError(.notFound, "no such link: \(consumer)/\(alias)")
    }
    func remove(consumer: String, alias: String) async throws {}

    /// The network provider lost its rules: open all paths again.
    func reopenPaths() async {}
}
