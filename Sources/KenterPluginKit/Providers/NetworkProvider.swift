public import KenterProtocol

/// Plays the role `network`: connects containers, publishes their ports, and opens paths between them.
///
/// The engine mints every id. The same id and specification again give the same result, the same id with another
/// specification fails with `conflict`; taking away what is unknown or already gone succeeds.
public protocol NetworkProvider: PluginProvider {
    /// Fills in the defaults of a network's specification, or refuses it. No side effects.
    func validate(_ request: ProviderNetworkValidate) async throws -> ProviderNetworkValidate.Result
    /// Makes a network.
    func create(_ request: ProviderNetworkCreate) async throws -> ProviderNetworkCreate.Result
    /// Removes a network.
    func remove(_ request: ProviderNetworkRemove) async throws -> ProviderNetworkRemove.Result
    /// Connects a network namespace; with new addresses, every rule that names the attachment moves with it.
    func attach(_ request: ProviderNetworkAttach) async throws -> ProviderNetworkAttach.Result
    /// Disconnects a network namespace and closes every path of it in the same transaction.
    func detach(_ request: ProviderNetworkDetach) async throws -> ProviderNetworkDetach.Result
    /// Sets the published ports of an attachment: all of them, not a difference.
    func publish(_ request: ProviderNetworkPublish) async throws -> ProviderNetworkPublish.Result
    /// Opens and closes paths in one kernel transaction; answers once stale connections are closed.
    func rules(_ request: ProviderNetworkRules) async throws -> ProviderNetworkRules.Result
    /// Whether containers are kept apart on this host. No side effects.
    func check(_ request: ProviderNetworkCheck) async throws -> ProviderNetworkCheck.Result
    /// Counters of an attachment. No side effects.
    func stats(_ request: ProviderNetworkStats) async throws -> ProviderNetworkStats.Result
}

extension NetworkProvider {
    func answer(_ call: ProviderCall) async throws -> ProviderCall.Answer? {
        switch call.method {
        case ProviderNetworkValidate.name: try await call.answer(with: validate)
        case ProviderNetworkCreate.name: try await call.answer(with: create)
        case ProviderNetworkRemove.name: try await call.answer(with: remove)
        case ProviderNetworkAttach.name: try await call.answer(with: attach)
        case ProviderNetworkDetach.name: try await call.answer(with: detach)
        case ProviderNetworkPublish.name: try await call.answer(with: publish)
        case ProviderNetworkRules.name: try await call.answer(with: rules)
        case ProviderNetworkCheck.name: try await call.answer(with: check)
        case ProviderNetworkStats.name: try await call.answer(with: stats)
        default: nil
        }
    }
}
