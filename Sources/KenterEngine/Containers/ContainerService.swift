import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Synchronization

/// Containers and their lives. State is in SQLite; this carries out what was decided, one operation at a time for each
/// container, in the order of arrival.
final class ContainerService: Sendable {
    let store: StateStore
    let runtime: ContainerRuntime
    let plugins: PluginHost
    let images: ImageService
    let networks: NetworkService
    let volumes: VolumeService
    let links: LinkService
    let journal: EventJournal
    let directories: EngineDirectories
    let configuration: EngineConfiguration
    let log: Logger
    let gate = KeyedGate()
    let conditions = ContainerConditions()
    let exitCodes = ExitCodes()
    let attachments = PendingAttachments()
    let copies = ActiveCopies()
    /// Tasks that watch main processes and wait to restart them, by container.
    let watchers = TaskTable()
    /// Tasks that check the health of running containers, by container.
    let healthChecks = TaskTable()

    init(
        store: StateStore, runtime: ContainerRuntime, plugins: PluginHost, images: ImageService,
        networks: NetworkService, volumes: VolumeService, links: LinkService, journal: EventJournal,
        directories: EngineDirectories, configuration: EngineConfiguration, log: Logger
    ) {
        self.store = store
        self.runtime = runtime
        self.plugins = plugins
        self.images = images
        self.networks = networks
        self.volumes = volumes
        self.links = links
        self.journal = journal
        self.directories = directories
        self.configuration = configuration
        self.log = log
    }

    private let endings = Mutex<[@Sendable () -> Void]>([])

    /// Calls `body` whenever a container has ended.
    func whenEnded(_ body: @escaping @Sendable () -> Void) { endings.withLock { $0.append(body) } }

    func tellEnded() {
        for body in endings.withLock({ $0 }) { body() }
    }

    /// The container that is meant; Docker's text when there is none.
    func find(_ reference: String) throws -> ContainerRecord {
        try store.read { try ContainerLookup($0).container(reference) }
    }

    /// The container as it is now; throws when it has been removed.
    func reload(_ id: String) throws -> ContainerRecord {
        guard let container = try store.read({ try $0.container(id: id) }) else {
            throw RPCError(.notFound, "No such container: \(id)")
        }
        return container
    }

    /// Changes a container's state in one transaction, with the event that tells of it.
    func update(
        _ id: String, event: String? = nil, attributes: [String: String] = [:],
        _ change: (inout ContainerState) -> Void
    ) throws {
        let isThere = try store.write { transaction in
            guard var record = try transaction.container(id: id) else { return false }
            let wasProvisional = record.state.isProvisional == true
            change(&record.state)
            try transaction.setState(record.state, ofContainer: id)
            if wasProvisional, record.state.isProvisional != true {
                // What was made with it is there for everybody from now on.
                let volumes = record.definition.mounts.compactMap(\.volumeId)
                for id in volumes { try VolumeService.acknowledge(id, transaction) }
            }
            if let event { _ = try transaction.append(event: event, id: id, name: record.name, attributes: attributes) }
            return true
        }
        guard isThere else { return }
        journal.committed()
        conditions.changed(id)
    }

    /// Runs an operation on each named container, in order, when its turn has come; one's failure does not keep the
    /// others from theirs.
    func each(
        _ one: String?, _ many: [String]?, _ operation: (ContainerRecord) async throws -> Void
    ) async throws -> ContainerOutcomes {
        try await eachInLine(one, many) { container, places in
            try await places.enter(container.id) { try await operation(try reload(container.id)) }
        }
    }

    /// The same for operations that go through the gate by themselves, where the call has its places since it arrived.
    func eachInLine(
        _ one: String?, _ many: [String]?, _ operation: (ContainerRecord, KeyedGate.Places) async throws -> Void
    ) async throws -> ContainerOutcomes {
        let references = one.map { [$0] } ?? many ?? []
        guard !references.isEmpty else { throw RPCError(.invalidParams, "name at least one container") }
        let found = references.map { reference in Result { try find(reference) } }
        let places = gate.places(for: found.compactMap { try? $0.get().id })
        defer { places.leave() }
        var outcomes = ContainerOutcomes()
        var failures: [RPCError] = []
        for (reference, found) in zip(references, found) {
            do {
                let container = try found.get()
                try await operation(container, places)
                outcomes.ids.append(container.id)
            } catch {
                let error = EngineError.wire(error)
                failures.append(error)
                outcomes.errors.append(ContainerOutcomes.Failure(container: reference, message: error.message))
            }
        }
        // A call for one container fails as one; a call for several says what became of each.
        if one != nil, let failure = failures.first { throw failure }
        return outcomes
    }
}

/// Errors of the engine's parts as they travel.
enum EngineError {
    static func wire(_ error: any Error) -> RPCError {
        switch error {
        case let error as RPCError: return error
        case let error as RuntimeError:
            let kind: RPCError.Kind =
                switch error.kind {
                case .commandNotFound, .commandNotExecutable, .refused: .invalidParams
                case .notRunning: .precondition
                case .failed: .internal
                }
            var details = JSONObject()
            if error.exitCode != 125 { details["exitCode"] = .integer(Int64(error.exitCode)) }
            return RPCError(kind, error.message, details: details)
        case is CancellationError: return RPCError(.cancelled, "the request was cancelled")
        default: return RPCError(.internal, "\(error)")
        }
    }
}
