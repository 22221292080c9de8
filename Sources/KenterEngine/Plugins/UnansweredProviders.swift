import JSONRPC
import KenterProtocol
import Synchronization

/// The providers that gave no answer to one piece of work: it does not ask them again.
final class UnansweredProviders: Sendable {
    @TaskLocal private static var current: UnansweredProviders?

    /// By role and name; `nil` once the work is done, for what it has left running.
    private let failures = Mutex<[String: RPCError]?>([:])

    private init() {}

    /// Runs work that has many questions for few providers, while somebody waits for the whole of it.
    static func askingOnce<R>(_ work: () async throws -> R) async rethrows -> R {
        let own = UnansweredProviders()
        defer { own.failures.withLock { $0 = nil } }
        return try await $current.withValue(own, operation: work)
    }

    /// Asks a provider, or throws what it failed with before.
    static func ask<R>(
        _ role: ProviderRole, _ name: String?, needing capability: ProviderCapability? = nil,
        _ question: () async throws -> R
    ) async throws -> R {
        guard let current else { return try await question() }
        let key = "\(role) \(capability.map { "\($0)" } ?? "") \(name ?? "")"
        if let failure = current.failures.withLock({ $0?[key] }) { throw failure }
        do {
            return try await question()
        } catch let error as RPCError where isSilence(error) {
            current.failures.withLock { $0?[key] = error }
            throw error
        }
    }

    /// What says nothing about the question, but that nobody answers. A plugin that says such a thing itself has answered.
    private static func isSilence(_ error: RPCError) -> Bool {
        !error.isPluginsAnswer
            && [.timeout, .unavailable, .pluginCrashed, .pluginProtocol].contains(error.kind)
    }
}
