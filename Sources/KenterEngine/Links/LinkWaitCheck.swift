import JSONRPC
import KenterProtocol
import KenterState

extension LinkSpecification {
    /// What the consumer's start is to wait for; refuses what this source can never fulfil.
    ///
    /// - Parameter source: `nil` where it does not exist yet: then the start says so.
    func linkWait(_ source: ContainerRecord?) throws(RPCError) -> LinkWait? {
        guard let wait else {
            guard waitLimitSeconds == nil else {
                throw RPCError(.invalidParams, "the link option 'wait-timeout' needs 'wait': what is it to wait for?")
            }
            return nil
        }
        if let source {
            if wait == .healthy, HealthPlan(source.definition.config.healthcheck) == nil {
                throw RPCError(
                    .invalidParams,
                    "cannot wait for \(source.name) to be healthy: it has no healthcheck; give it one, "
                        + "or use wait=started")
            }
            if wait == .tcp, SourceReadiness.ports(of: source).isEmpty {
                throw RPCError(
                    .invalidParams,
                    "cannot wait for a connection to \(source.name): it exposes no tcp port; expose one, "
                        + "or use wait=started")
            }
        }
        return LinkWait(condition: wait, seconds: waitLimitSeconds ?? Self.waitSeconds)
    }
}
