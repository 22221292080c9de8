import JSONRPC
import KenterProtocol
import KenterState
import Logging

// Providers that have to act on a plan (the capability `effects`), say on a database that is to know its consumer.
extension LinkService {
    /// Lets a link's provider act on the plan in force, after what it did for an earlier one is undone. Most need not act.
    ///
    /// Fails with what the provider says; then something may have been done, and ``revoke(_:)`` undoes it.
    func establish(_ plan: LinkPlan, for link: LinkRecord) async throws {
        guard try await plugins.provider(.link, named: link.provider).capabilities.contains("effects") else { return }
        try await revoke(link)
        // Before the call: whatever becomes of it and of this engine, there may be something to undo.
        try setEffects(LinkEffects(), of: link)
        let result = try await plugins.call(
            ProviderLinkEstablish(linkId: link.id, plan: plan), role: .link, provider: link.provider)
        try setEffects(LinkEffects(state: result.state), of: link)
    }

    /// Lets a link's provider undo what it did. Nothing where it did nothing.
    func revoke(_ link: LinkRecord) async throws {
        let present = try store.read { try $0.link(consumer: link.consumerId, alias: link.alias) }
        guard let present, present.id == link.id, let effects = present.effects else { return }
        _ = try await plugins.call(
            ProviderLinkRevoke(linkId: link.id, state: effects.state), role: .link, provider: link.provider)
        try setEffects(nil, of: link)
    }

    /// The same where nothing depends on it: the provider cleans up at its next start, or when it is asked again.
    func revokeOrLog(_ link: LinkRecord) async {
        do {
            try await revoke(link)
        } catch {
            log.warning(
                "a link's provider could not undo what it did", metadata: ["link": "\(link.id)", "error": "\(error)"])
        }
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
