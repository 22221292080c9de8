import KenterState

extension Transaction {
    /// The container that a link leads to now; `nil` when there is none.
    ///
    /// A link that follows its source's name leads to whoever has the name, and to the old container while nobody has.
    func source(of link: LinkRecord) throws -> ContainerRecord? {
        if link.rebindsByName || link.sourceId == nil, let named = try container(named: link.sourceName) {
            return named
        }
        return try link.sourceId.flatMap { try container(id: $0) }
    }

    /// The container whose network this one uses: itself, or the one it shares with; `nil` when that is gone.
    func networkOwner(of container: ContainerRecord) throws -> ContainerRecord? {
        var owner = container
        // Long enough for any sensible chain, short enough for a circle.
        for _ in 0..<64 {
            guard case .container(let id) = owner.definition.network else { return owner }
            guard let next = try self.container(id: id) else { return nil }
            owner = next
        }
        return nil
    }

    /// Links that lead to the container now, by consumer and position.
    func links(to container: ContainerRecord) throws -> [LinkRecord] {
        var links = try links(toSource: container.id)
        let known = Set(links.map(\.id))
        links += try self.links(toSourceNamed: container.name).filter { !known.contains($0.id) }
        return try links.filter { link in
            // Nobody's name matters to a link that has its container.
            if let sourceId = link.sourceId, !link.rebindsByName { return sourceId == container.id }
            return try source(of: link)?.id == container.id
        }
    }
}

/// Reads links with their ends within one transaction, each end once: a thousand links may have one source.
struct LinkReader {
    private let transaction: Transaction
    private var containers: [String: ContainerRecord?] = [:]
    private var attachments: [String: AttachmentRecord?] = [:]

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    /// `nil` when the consumer is gone.
    mutating func state(of link: LinkRecord) throws -> LinkState? {
        guard let consumer = try container(link.consumerId) else { return nil }
        let source = try source(of: link)
        return LinkState(
            link: link, consumer: consumer, consumerAttachment: try attachment(consumer.id), source: source,
            sourceAttachment: try source.flatMap { try attachment($0.id) })
    }

    mutating func states(of links: [LinkRecord]) throws -> [LinkState] {
        var states: [LinkState] = []
        for link in links { if let state = try state(of: link) { states.append(state) } }
        return states
    }

    /// Of a link that keeps to its container, also when that is gone.
    func sourceID(of link: LinkRecord) throws -> String? {
        if let id = link.sourceId, !link.rebindsByName { return id }
        return try transaction.source(of: link)?.id
    }

    private mutating func source(of link: LinkRecord) throws -> ContainerRecord? {
        if let id = link.sourceId, !link.rebindsByName { return try container(id) }
        return try transaction.source(of: link)
    }

    private mutating func container(_ id: String) throws -> ContainerRecord? {
        if let known = containers[id] { return known }
        let container = try transaction.container(id: id)
        containers[id] = .some(container)
        return container
    }

    mutating func attachment(_ containerId: String) throws -> AttachmentRecord? {
        if let known = attachments[containerId] { return known }
        let attachment = try transaction.attachment(ofContainer: containerId)
        attachments[containerId] = .some(attachment)
        return attachment
    }
}
