public import JSONRPC

/// What links would bring, from where, and why; nothing is made or changed.
///
/// Its parameters are `showSecrets` and those of `link.create`, or those of a whole `container.create` of a container that does not exist
/// yet, of which only what concerns its links is checked. What cannot be made fails as its creation would.
///
/// Fails with `notFound`, `alreadyExists`, `conflict`, `precondition`, `exhausted`, `unavailable`, `unsupported`,
/// `pluginCrashed`, `pluginProtocol`.
public struct LinkPlanRequest: RPCMethod, Equatable {
    public static let name = "link.plan"

    public enum Subject: Sendable, Equatable {
        case link(LinkCreate)
        case container(ContainerCreate)
    }

    public var subject: Subject
    /// Whether values that look secret are shown, too.
    public var showSecrets: Bool?

    public struct Result: Codable, Sendable {
        /// In the order of the links; their state is `planned`, and they have no id.
        public var plans: [Link]

        public init(
            plans: [Link] = []
        ) {
            self.plans = plans
        }
    }

    public init(
        _ subject: Subject, showSecrets: Bool? = nil
    ) {
        self.subject = subject
        self.showSecrets = showSecrets
    }

    private enum Key: CodingKey { case consumer, showSecrets }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        showSecrets = try members.decodeIfPresent(Bool.self, forKey: .showSecrets)
        if members.contains(.consumer) {
            subject = .link(try LinkCreate(from: decoder))
        } else {
            subject = .container(try ContainerCreate(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch subject {
        case .link(let link): try link.encode(to: encoder)
        case .container(let container): try container.encode(to: encoder)
        }
        var members = encoder.container(keyedBy: Key.self)
        try members.encodeIfPresent(showSecrets, forKey: .showSecrets)
    }
}
