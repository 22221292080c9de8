package import JSONRPC

/// What a link's provider has done, or may have done, beyond its plan.
package struct LinkEffects: Codable, Sendable, Equatable {
    /// What it wants back when it is to undo it; `nil` while its answer is not there.
    package var state: JSONObject?

    package init(state: JSONObject? = nil) {
        self.state = state
    }
}
