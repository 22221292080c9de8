import JSONRPC
import KenterProtocol
import KenterState
import Logging

// Providers that have to act on a plan (the capability `effects`), say on a database that is to know its consumer. What
// they have acted on is in the state: what differs from the plan in force is made good with the next update.
extension LinkService {
    /// Lets a link's provider act on the newest plan that is wanted, after what it did for an earlier one is undone. Most
    /// need not act. Nothing once the link is not applied any more.
    ///
    /// Fails with what the provider says; what it may have done is undone then.
    func establish(_ link: LinkRecord) async throws {
        guard try await plugins.provider(.link, named: link.provider).has(.effects) else {
            wanted[link.id] = nil
            return
        }
        try await acting.enter(link.id) {
            guard let present = try present(link), present.applied != nil, let plan = wanted[link.id],
                present.effects?.plan != plan
            else { return }
            try await undo(present)
            // Before the call: whatever becomes of it and of this engine, there may be something to undo.
            try setEffects(LinkEffects(), of: link)
            do {
                let result = try await plugins.call(
                    ProviderLinkEstablish(linkId: link.id, plan: plan), role: .link, provider: link.provider)
                try setEffects(LinkEffects(state: result.state, plan: plan), of: link)
            } catch {
                await shielded { _ = await self.undoOrLog(link) }
                throw error
            }
        }
    }

    /// Lets a link's provider undo what it did, and do nothing more. Nothing where it did nothing. What fails is logged,
    /// and tried again later; of a link that is gone the provider cleans up at its next start.
    func revoke(_ link: LinkRecord) async {
        wanted[link.id] = nil
        let isUndone = await acting.enter(link.id) { await undoOrLog(link) }
        if !isUndone { actLater() }
    }

    /// Has undone what providers did for links that are not applied any more, where they could not undo it at once.
    private func revokeLeftovers() async {
        do {
            for link in try store.read({ try $0.links() }) where link.applied == nil && link.effects != nil {
                let isUndone = try await acting.enter(link.id) {
                    // It may have been applied again since.
                    guard let present = try present(link), present.applied == nil, starting[link.consumerId] == nil
                    else { return true }
                    return await undoOrLog(present)
                }
                if !isUndone { actLater() }
            }
        } catch {
            log.error("cannot read what is to be undone", metadata: ["error": "\(error)"])
        }
    }

    /// Nothing is tried again after this.
    func close() {
        actingAgain?.cancel()
    }

    /// The providers of these links that have to act.
    func actingProviders(of links: [LinkRecord]) async -> Set<String> {
        var acting: Set<String> = []
        for name in Set(links.map(\.provider)) {
            // One that is not there cannot act: it is asked again when it has started.
            let provider = try? await plugins.provider(.link, named: name, timeout: Self.patience)
            if provider?.has(.effects) == true { acting.insert(name) }
        }
        return acting
    }

    /// Has providers that could not act tried again after a while, which grows as long as they cannot.
    func actLater() {
        guard actingAgain == nil else { return }
        let delay = actingDelay
        actingDelay = min(actingDelay * 2, Self.longestActingDelay)
        // Unstructured because nobody waits for it; it ends with the service.
        actingAgain = Task { [weak self] in
            do { try await Task.sleep(for: delay) } catch { return }
            await self?.actAgain()
        }
    }

    private func actAgain() async {
        actingAgain = nil
        await updateAll()
        await revokeLeftovers()
        if actingAgain == nil { actingDelay = Self.shortestActingDelay }
    }

    // MARK: steps, one at a time for each link

    private func undo(_ link: LinkRecord) async throws {
        guard let effects = try present(link)?.effects else { return }
        // From here on it may be undone, whatever the answer: the plan counts as acted on by nobody.
        try setEffects(LinkEffects(state: effects.state), of: link)
        _ = try await plugins.call(
            ProviderLinkRevoke(linkId: link.id, state: effects.state), role: .link, provider: link.provider)
        try setEffects(nil, of: link)
    }

    /// Whether it is undone.
    private func undoOrLog(_ link: LinkRecord) async -> Bool {
        do {
            try await undo(link)
            return true
        } catch {
            log.warning(
                "a link's provider could not undo what it did", metadata: ["link": "\(link.id)", "error": "\(error)"])
            return false
        }
    }

    private func present(_ link: LinkRecord) throws -> LinkRecord? {
        let present = try store.read { try $0.link(consumer: link.consumerId, alias: link.alias) }
        return present?.id == link.id ? present : nil
    }

    private func setEffects(_ effects: LinkEffects?, of link: LinkRecord) throws {
        try store.write { transaction in
            guard var present = try transaction.link(consumer: link.consumerId, alias: link.alias),
                present.id == link.id
            else { return }
            present.effects = effects
            _ = try transaction.update(present)
        }
    }
}
