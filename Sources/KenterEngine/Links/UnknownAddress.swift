import KenterProtocol
import KenterState

/// The address that a source will have once it runs, for a plan that is made before.
///
/// The provider is given an address that no container ever has; in its plan a text takes that one's place.
struct UnknownAddress {
    /// `nil` where the source has an address, or does not exist.
    private let source: String?
    /// Of 240.0.0.0/4, which is reserved (RFC 1112, section 4).
    private let placeholder: String

    init(of request: ProviderLinkPlan) {
        let addresses = request.source.addresses
        source = addresses == ContainerAddresses() && !request.source.id.isEmpty ? request.source.name : nil
        let bytes = (0..<3).map { _ in String(UInt8.random(in: .min ... .max)) }
        placeholder = "24\(UInt8.random(in: 0...9)).\(bytes.joined(separator: "."))"
    }

    func filledIn(_ request: ProviderLinkPlan) -> ProviderLinkPlan {
        if source == nil { return request }
        var request = request
        request.source.addresses.ipv4 = placeholder
        return request
    }

    /// The plan with `(address of mysqldb)` where the address will be.
    func named(_ plan: LinkPlan) -> LinkPlan {
        guard let source else { return plan }
        let text = "(address of \(source))"
        var plan = plan
        for index in plan.env.indices { plan.env[index].value.replace(placeholder, with: text) }
        for index in plan.hosts.indices { plan.hosts[index].address.replace(placeholder, with: text) }
        for index in plan.files.indices { plan.files[index].content.replace(placeholder, with: text) }
        return plan
    }
}

/// A link that has not been made, and what it would bring.
struct PlannedLink: Sendable {
    var link: LinkRecord
    /// `nil` where the link would wait for it.
    var source: ContainerRecord?
    var plan: LinkPlan
}
