import KenterState

extension Transaction {
    /// The container that a link leads to now; `nil` when there is none.
    ///
    /// A link that follows its source's name leads to whoever has the name, and to the old container while nobody has;
    /// from a container that uses another's network, to that one.
    func source(of link: LinkRecord) throws -> ContainerRecord? {
        if link.rebindsByName || link.sourceId == nil, let named = try container(named: link.sourceName) {
            return try networkOwner(of: named)
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
        let links = try links(toSource: container.id)
        return try (links + self.links(toSourceNamed: container.name, otherThan: container.id))
            .filter { try $0.leads(to: container, self) }
    }

    /// Links by way of a container that do not lead to `source` yet, whose network it uses, or do not say so: it has got
    /// another name, or they have waited for one of its name.
    func outdatedLinks(byWayOf container: ContainerRecord, to source: ContainerRecord) throws -> [LinkRecord] {
        let links = try links(toSource: source.id, notNamed: container.name)
            .filter { ($0.namedId ?? source.id) == container.id }
        return try (links + self.links(toSourceNamed: container.name, otherThan: source.id))
            .filter { try $0.leads(to: source, self) }
    }
}

extension LinkRecord {
    /// Makes a container its source, which was named itself or by one that uses its network. Only a link that follows a
    /// name has to know of that one.
    mutating func lead(to source: ContainerRecord, named: ContainerRecord) {
        let name = rebindsByName ? named : source
        sourceId = source.id
        sourceName = name.name
        namedId = name.id == source.id ? nil : name.id
    }

    fileprivate func leads(to container: ContainerRecord, _ transaction: Transaction) throws -> Bool {
        // Nobody's name matters to a link that has its container.
        if let sourceId, !rebindsByName { return sourceId == container.id }
        return try transaction.source(of: self)?.id == container.id
    }
}

/// Reads links with their ends within one transaction, each end once: a thousand links may have one source.
struct LinkReader {
    private let transaction: Transaction
    private var containers: [String: ContainerRecord?] = [:]
    private var attachments: [String: [AttachmentRecord]] = [:]

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    /// `nil` when the consumer is gone.
    mutating func state(of link: LinkRecord) throws -> LinkState? {
        guard let consumer = try container(link.consumerId) else { return nil }
        let source = try source(of: link)
        let ends = try ends(consumer: consumer.id, source: source?.id)
        return LinkState(
            link: link, consumer: consumer, consumerAttachment: ends.consumer, source: source,
            sourceAttachment: ends.source)
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

    /// A container's places, in the order of its networks.
    mutating func attachments(_ containerId: String) throws -> [AttachmentRecord] {
        if let known = attachments[containerId] { return known }
        let found = try transaction.attachments(ofContainer: containerId)
        attachments[containerId] = found
        return found
    }

    /// Where two containers meet: on the network they share, of several the consumer's first. Where there is none, the
    /// first place of each, which are on different networks then.
    mutating func ends(
        consumer: String, source: String?
    ) throws -> (consumer: AttachmentRecord?, source: AttachmentRecord?) {
        let (from, to) = (try attachments(consumer), try source.map { try attachments($0) } ?? [])
        for place in from {
            if let shared = to.first(where: { LinkState.isUp(place, $0) }) { return (place, shared) }
        }
        return (from.first, to.first)
    }
}
