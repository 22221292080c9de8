package import KenterProtocol

/// A link as the engine remembers it.
package struct LinkRecord: Codable, Sendable {
    package let id: String
    package let consumerId: String
    /// Its place among the consumer's links, from 0.
    package var position: Int
    package let alias: String
    /// The container it points to; `nil` while a link by name finds none.
    package var sourceId: String?
    /// The source's name when the link was made: what `rebind=name` follows and what is shown when it is gone.
    package var sourceName: String
    /// The container of that name, where that is not the source: it uses the source's network.
    package var namedId: String?
    package var provider: String
    /// The provider's options.
    package var options: [String: String]
    /// Whether it follows the name instead of the container.
    package var rebindsByName: Bool
    /// What the consumer's start waits for; `nil` for nothing but a running source.
    package var wait: LinkWait?
    /// What has been applied to the running consumer; `nil` while it does not run.
    package var applied: LinkPlan?
    /// Variables that the next start of the consumer will change.
    package var pending: [String]
    /// `nil` where its provider did nothing but plan.
    package var effects: LinkEffects?

    package init(
        id: String, consumerId: String, position: Int, alias: String, sourceId: String?, sourceName: String,
        namedId: String? = nil,
        provider: String, options: [String: String], rebindsByName: Bool, wait: LinkWait? = nil,
        applied: LinkPlan? = nil, pending: [String] = []
    ) {
        self.id = id
        self.consumerId = consumerId
        self.position = position
        self.alias = alias
        self.sourceId = sourceId
        self.sourceName = sourceName
        self.namedId = namedId
        self.provider = provider
        self.options = options
        self.rebindsByName = rebindsByName
        self.wait = wait
        self.applied = applied
        self.pending = pending
    }
}
