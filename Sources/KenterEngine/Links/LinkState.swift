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

    init?(_ link: LinkRecord, in transaction: Transaction) throws {
        guard let consumer = try transaction.container(id: link.consumerId) else { return nil }
        self.link = link
        self.consumer = consumer
        consumerAttachment = try transaction.attachment(ofContainer: consumer.id)
        source = try transaction.source(of: link)
        sourceAttachment = try source.flatMap { try transaction.attachment(ofContainer: $0.id) }
    }

    /// Whether something of the link has been applied to its consumer.
    var isApplied: Bool { link.applied != nil }

    /// Whether the source is on the consumer's network now: only then there is something to plan.
    var isSourceUp: Bool {
        guard let own = consumerAttachment, let other = sourceAttachment else { return false }
        return own.isAttached && other.isAttached && own.networkId == other.networkId
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

    /// Ports that the consumer may reach; none while one of both is not there.
    var rules: ProviderNetworkRules.LinkRules? {
        guard isSourceUp, let plan = link.applied, let from = consumerAttachment, let to = sourceAttachment else {
            return nil
        }
        return .init(linkId: link.id, from: from.id, to: to.id, rules: plan.firewall)
    }
}
