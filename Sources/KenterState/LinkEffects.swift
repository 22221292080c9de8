package import JSONRPC
package import KenterProtocol

/// What a link's provider has done, or may have done, beyond its plan.
package struct LinkEffects: Codable, Sendable, Equatable {
    /// What it wants back when it is to undo it; `nil` while its answer is not there.
    package var state: JSONObject?
    /// What it has acted on; `nil` while its answer is not there.
    package var plan: LinkPlan?

    package init(state: JSONObject? = nil, plan: LinkPlan? = nil) {
        self.state = state
        self.plan = plan
    }
}
