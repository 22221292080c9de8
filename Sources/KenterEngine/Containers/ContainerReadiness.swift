import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    /// Starts a container once the sources of its links are as ready as the links ask for.
    ///
    /// The wait holds nothing up: it is outside the container's gate, so stop, kill and remove end it at once, as does the
    /// cancellation of the call.
    func startWhenReady(_ id: String, _ places: KeyedGate.Places) async throws {
        // One that runs has nothing to wait for; `start` has its say on it.
        if try !reload(id).state.isRunning { try await awaitSources(of: id, leaving: places) }
        try await places.enter(id) { try await start(try reload(id)) }
    }

    /// Waits until the sources of links with `wait=` are ready; those that start together with it are not waited for.
    ///
    /// Fails with `timeout` at a link's deadline, with `precondition` when a source cannot become ready or the wait was
    /// given up, and with what ``LinkService/checkStartable(_:together:)`` refuses. Nothing has changed then but the reason.
    ///
    /// - Parameter places: Where the caller stands in line: who has to wait lets others pass.
    func awaitSources(
        of id: String, together: Set<String> = [], leaving places: KeyedGate.Places? = nil
    ) async throws {
        let waits = try store.read { transaction -> [LinkRecord] in
            try transaction.links(ofConsumer: id).filter { link in
                guard link.wait != nil else { return false }
                return try transaction.source(of: link).map { !together.contains($0.id) } ?? true
            }
        }
        if waits.isEmpty { return }
        places?.leave(id)
        let consumer = try reload(id)
        let sources = try store.read { transaction in try waits.compactMap { try transaction.source(of: $0)?.id } }
        try links.checkStartable(consumer, together: together.union(sources))
        let before = consumer.state
        try update(id) { $0.isWanted = true }
        let start = ContinuousClock.now
        do {
            for link in waits { try await awaitSource(of: link, consumer, since: start) }
            try update(id) { $0.waitsFor = nil }
        } catch {
            let reason = EngineError.wire(error).message
            try update(id) { state in
                state.waitsFor = nil
                if !state.isRunning { state.reason = reason }
                if !before.isRunning, state.status != .restarting { state.isWanted = false }
            }
            throw error
        }
    }

    private func awaitSource(
        of link: LinkRecord, _ consumer: ContainerRecord, since start: ContinuousClock.Instant
    ) async throws {
        guard let wait = link.wait else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.untilReady(link, wait.condition, consumer.id) }
            group.addTask {
                try await Task.sleep(until: start + .seconds(wait.seconds))
                let waitsFor = try self.reload(consumer.id).state.waitsFor ?? "\(link.sourceName)"
                throw RPCError(
                    .timeout,
                    "cannot start \(consumer.name): it was still waiting for \(waitsFor) after "
                        + "\(DurationText.text(seconds: wait.seconds)); wait-timeout= of the link allows more time")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func untilReady(_ link: LinkRecord, _ condition: LinkWait.Condition, _ consumerId: String) async throws {
        var hasRun = false
        while true {
            try Task.checkCancellation()
            let sourceId = try store.read { try $0.source(of: link)?.id }
            let ids = [consumerId, sourceId].compactMap { $0 }
            let ready = try await conditions.wait(for: ids) { () -> SourceReadiness? in
                let readiness = try readiness(link, condition, consumerId, &hasRun)
                guard case .waiting(let text) = readiness else { return readiness }
                try note(text, consumerId, link)
                // A source that does not exist yet tells nobody when it does.
                return sourceId == nil ? readiness : nil
            }
            switch ready {
            case .ready: return
            case .hopeless(let reason):
                let name = try reload(consumerId).name
                throw RPCError(.precondition, "cannot start \(name), which waits for its link \(link.alias): \(reason)")
            case .readyIfPortsAnswer(let ports):
                guard let silent = try await silentPort(ports, link) else { return }
                try note("\(link.sourceName) to accept connections on port \(silent)/tcp", consumerId, link)
            case .waiting: break
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func readiness(
        _ link: LinkRecord, _ condition: LinkWait.Condition, _ consumerId: String, _ hasRun: inout Bool
    ) throws -> SourceReadiness {
        try store.read { transaction in
            guard let consumer = try transaction.container(id: consumerId), consumer.state.status != .removing,
                consumer.state.isWanted
            else {
                throw RPCError(
                    .precondition, "the start was given up: the container was stopped while it waited for its links")
            }
            let source = try transaction.source(of: link)
            let attachment = try source.flatMap { try transaction.attachments(ofContainer: $0.id).first }
            hasRun = hasRun || source?.state.isRunning == true
            return SourceReadiness.of(
                source, name: link.sourceName, condition, hasRun: hasRun, isAttached: attachment?.isAttached == true)
        }
    }

    private func silentPort(_ ports: [UInt16], _ link: LinkRecord) async throws -> UInt16? {
        let found = try store.read { transaction in
            try transaction.source(of: link).flatMap { try transaction.attachments(ofContainer: $0.id).first }
        }
        guard let found, let address = found.addresses.ipv4 else { return ports.first }
        return await SourcePort.firstSilent(
            ports, address: address, namespacePath: directories.namespace(found.containerId))
    }

    /// Shows what a consumer waits for: in its state, and once in the events.
    private func note(_ text: String, _ consumerId: String, _ link: LinkRecord) throws {
        guard try reload(consumerId).state.waitsFor != text else { return }
        try update(
            consumerId, event: "container.waiting", attributes: ["for": text, "link": link.alias]
        ) { $0.waitsFor = text }
    }
}
