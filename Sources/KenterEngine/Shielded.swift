/// Runs `body` to its end whatever becomes of the request it is for: what has begun must be cleaned up, or finished,
/// whatever time that request had.
func shielded<R: Sendable>(_ body: @escaping @Sendable () async -> R) async -> R {
    // Unstructured because a child would be cancelled with its parent, and calls of a cancelled task are not even sent.
    await Task { await RequestScope.free(body) }.value
}

/// The same for what may fail.
func shielded<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
    // Unstructured for the same reason.
    try await Task { try await RequestScope.free(body) }.value
}
