public import KenterProtocol

/// Plays the role `link`: decides what the consumer of a link sees of its source.
public protocol LinkProvider: PluginProvider {
    /// Its options as a JSON Schema, and patterns of what it may produce. No side effects.
    func describe(_ request: ProviderLinkDescribe) async throws -> ProviderLinkDescribe.Result
    /// What the consumer is to see: a pure function of the request, called again whenever that changes.
    ///
    /// Fails with `invalidParams` for an option it does not know or a value it does not take.
    func plan(_ request: ProviderLinkPlan) async throws -> LinkPlan
    /// With the capability `effects`: acts on a plan, for example by making an account for the consumer.
    func establish(_ request: ProviderLinkEstablish) async throws -> ProviderLinkEstablish.Result
    /// With the capability `effects`: undoes `establish`; succeeds for a link it does not know.
    func revoke(_ request: ProviderLinkRevoke) async throws -> ProviderLinkRevoke.Result
}

extension LinkProvider {
    public func establish(_ request: ProviderLinkEstablish) async throws -> ProviderLinkEstablish.Result {
        throw notOffered(request)
    }
    public func revoke(_ request: ProviderLinkRevoke) async throws -> ProviderLinkRevoke.Result {
        throw notOffered(request)
    }

    func answer(_ call: ProviderCall) async throws -> ProviderCall.Answer? {
        switch call.method {
        case ProviderLinkDescribe.name: try await call.answer(with: describe)
        case ProviderLinkPlan.name: try await call.answer(with: plan)
        case ProviderLinkEstablish.name: try await call.answer(with: establish)
        case ProviderLinkRevoke.name: try await call.answer(with: revoke)
        default: nil
        }
    }
}
