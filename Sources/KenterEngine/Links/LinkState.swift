import KenterProtocol
import KenterState

/// One link with both its ends, as the state has them at one moment.
struct LinkState: Sendable {
    var link: LinkRecord
    var consumer: ContainerRecord
    var consumerAttachment: AttachmentRecord?
    /// `nil` when it does not exist (any more, or yet).
    var source: ContainerRecord?
    var sourceAttachment: AttachmentRecord?

    /// Whether something of the link has been applied to its consumer.
    var isApplied: Bool { link.applied != nil }

    /// Whether the source is on the consumer's network now: only then there is something to plan.
    var isSourceUp: Bool { Self.isUp(consumerAttachment, sourceAttachment) }

    static func isUp(_ consumer: AttachmentRecord?, _ source: AttachmentRecord?) -> Bool {
        guard let consumer, let source else { return false }
        return consumer.isAttached && source.isAttached && consumer.networkId == source.networkId
    }

    var state: Link.State {
        if source == nil { return .sourceGone }
        if !isApplied { return .inactive }
        return isSourceUp ? .active : .sourceDown
    }

    /// What the provider is asked; equal requests have equal plans.
    var request: ProviderLinkPlan {
        let own = LinkConsumer(consumer)
        return Self.request(link, own, consumerAttachment, source, sourceAttachment)
    }

    static func request(
        _ link: LinkRecord, _ consumer: LinkConsumer, _ consumerAttachment: AttachmentRecord?,
        _ source: ContainerRecord?, _ sourceAttachment: AttachmentRecord?
    ) -> ProviderLinkPlan {
        let definition = source?.definition
        return ProviderLinkPlan(
            linkId: link.id, alias: link.alias, options: link.options,
            consumer: .init(
                id: consumer.id, name: consumer.name, hostname: consumer.hostname,
                addresses: consumerAttachment?.addresses ?? .init()),
            source: .init(
                id: source?.id ?? "", name: source?.name ?? link.sourceName,
                hostname: definition?.config.hostname ?? link.sourceName,
                addresses: sourceAttachment?.addresses ?? .init(), env: definition?.config.env ?? [],
                exposedPorts: definition?.config.exposedPorts ?? [], labels: definition?.config.labels ?? [:],
                running: source?.state.isRunning == true || sourceAttachment?.isAttached == true))
    }
}
