import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Netlink

// How attachments end. One that its provider, which lives, has failed to end may still be there: for the engine it is over,
// but nobody else gets its addresses before the provider has confirmed its end. A provider that has died ends it at its
// next start.
extension NetworkService {
    /// Closes every path of an attachment and frees its addresses. Goes on past failures, and logs them.
    func detach(_ attachment: AttachmentRecord, timeout: Duration = .seconds(30)) async {
        await shielded {
            do {
                let failure = await self.closeAtProvider(attachment, timeout: timeout)
                if let failure {
                    self.log.error(
                        "detach failed",
                        metadata: ["container": "\(attachment.containerId)", "error": "\(failure)"])
                }
                try self.forget(attachment, lingers: failure.map(Self.mayLinger) ?? false)
            } catch {
                self.log.error(
                    "cannot forget an attachment", metadata: ["id": "\(attachment.id)", "error": "\(error)"])
            }
        }
    }

    /// The same for a container that goes on without this network: one that cannot be taken off it stays.
    ///
    /// Fails with `degraded` where the provider has not done it, or is away; the attachment is still there then, since the
    /// kernel keeps its paths open.
    func detachRunning(_ attachment: AttachmentRecord) async throws {
        try await shielded {
            if let failure = await self.closeAtProvider(attachment) {
                throw RPCError(
                    .degraded,
                    "its provider could not take it off the network (\(failure)): it stays on it, so try again")
            }
            try self.forget(attachment, lingers: false)
        }
    }

    /// Tries again to end what lingers.
    func closeLingering(
        timeout: Duration = .seconds(30), where isMeant: (AttachmentRecord) throws -> Bool
    ) async {
        do {
            for attachment in try store.read({ try $0.lingeringAttachments() }) where try isMeant(attachment) {
                await detach(attachment, timeout: timeout)
            }
        } catch {
            log.error("cannot read lingering attachments", metadata: ["error": "\(error)"])
        }
    }

    private static func mayLinger(_ failure: any Error) -> Bool {
        (failure as? RPCError)?.isOfAbsentPlugin != true
    }

    /// What its provider has failed with; `nil` once it is closed.
    func closeAtProvider(
        _ attachment: AttachmentRecord, timeout: Duration = .seconds(30)
    ) async -> (any Error)? {
        do {
            let provider = try store.read { try $0.network(id: attachment.networkId)?.provider }
            let namespace = NetworkNamespace(path: namespacePath(attachment.containerId))
            _ = try await plugins.call(
                ProviderNetworkDetach(
                    attachmentId: attachment.id, networkId: attachment.networkId,
                    netns: namespace.exists ? namespace.path : nil, state: attachment.providerState),
                role: .network, provider: provider, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    private func forget(_ attachment: AttachmentRecord, lingers: Bool) throws {
        try store.write { transaction in
            // Somebody else may have ended it meanwhile: its addresses may be another's by now.
            guard try transaction.hasAttachment(id: attachment.id) else { return }
            try transaction.deleteAttachment(id: attachment.id)
            if lingers { return try transaction.saveLingering(attachment) }
            try transaction.deleteLingeringAttachment(id: attachment.id)
            try transaction.release(attachment.addresses, onNetwork: attachment.networkId, at: .now)
        }
    }
}
