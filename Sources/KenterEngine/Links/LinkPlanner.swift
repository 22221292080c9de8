import JSONRPC
import KenterProtocol
import KenterState
import Synchronization

/// Asks link providers for plans, and lets only valid ones through.
final class LinkPlanner: Sendable {
    private typealias Products = ProviderLinkDescribe.Products

    private let plugins: PluginHost
    /// What providers may produce, as the process that runs now has said.
    private let known = Mutex<[String: (pid: Int, products: Products)]>([:])
    /// Plans being worked on at once: a thousand consumers are not a thousand calls in flight.
    private static let parallelCalls = 32

    init(_ plugins: PluginHost) {
        self.plugins = plugins
    }

    /// One plan; fails with what the provider or the check of its plan says.
    func plan(_ request: ProviderLinkPlan, provider: String) async throws -> LinkPlan {
        let products = try await products(of: provider)
        return try await plan(request, provider: provider, products)
    }

    /// A plan, or what went wrong, for each of many links.
    ///
    /// - Parameter patience: How long providers that are being started again are waited for.
    func plans(_ states: [LinkState], patience: Duration = .zero) async -> [Result<LinkPlan, RPCError>] {
        let deadline = ContinuousClock.now + patience
        var products: [String: Result<Products, RPCError>] = [:]
        for provider in Set(states.map(\.link.provider)) {
            products[provider] = await outcome(until: deadline) { try await self.products(of: provider) }
        }
        let known = products
        return await withTaskGroup(of: (Int, Result<LinkPlan, RPCError>).self) { group in
            var results = [Result<LinkPlan, RPCError>](
                repeating: .failure(RPCError(.internal, "the link was not planned")), count: states.count)
            var next = 0
            func addNext() {
                guard next < states.count else { return }
                let (index, state) = (next, states[next])
                next += 1
                group.addTask {
                    let result = await outcome(until: deadline) {
                        let provider = state.link.provider
                        guard let products = try known[provider]?.get() else {
                            throw RPCError(.unavailable, "no link provider '\(provider)'")
                        }
                        return try await self.plan(state.request, provider: provider, products)
                    }
                    return (index, result)
                }
            }
            for _ in 0..<Self.parallelCalls { addNext() }
            for await (index, result) in group {
                results[index] = result
                addNext()
            }
            return results
        }
    }

    private func products(of provider: String) async throws -> Products {
        // A process says the same as long as it lives.
        let pid = try plugins.summary(provider).pid
        if let pid, let known = known.withLock({ $0[provider] }), known.pid == pid { return known.products }
        let products = try await plugins.call(ProviderLinkDescribe(), role: .link, provider: provider).produces
        if let pid { known.withLock { $0[provider] = (pid, products) } }
        return products
    }

    private func plan(
        _ request: ProviderLinkPlan, provider: String, _ products: Products
    ) async throws -> LinkPlan {
        let plan = try await ask(request, provider: provider)
        let granted = plugins.grantedVariables(of: provider)
        return try LinkPlanValidation(request, provider: provider, produces: products, granted: granted)
            .validated(plan)
    }

    private func ask(_ request: ProviderLinkPlan, provider: String) async throws -> LinkPlan {
        do {
            return try await plugins.call(request, role: .link, provider: provider)
        } catch let error as RPCError {
            guard error.kind == .messageTooLarge else { throw error }
            let source = request.source
            throw RPCError(
                .exhausted,
                "what the link \(request.alias) would pass of \(source.name) is more than \(provider) can say in one "
                    + "answer: \(source.name) exposes \(source.exposedPorts.count) ports and has "
                    + "\(source.env.count) variables; expose fewer, or put both on a network of their own, where names "
                    + "are found without a link", details: error.details)
        }
    }
}

/// What `body` returns or throws, as a value; tried again until the deadline while a plugin is being started again.
private func outcome<Value: Sendable>(
    until deadline: ContinuousClock.Instant, _ body: @Sendable () async throws -> Value
) async -> Result<Value, RPCError> {
    while true {
        let result = await outcome(body)
        guard case .failure(let error) = result, error.isOfRestartingPlugin, ContinuousClock.now < deadline else {
            return result
        }
        do {
            try await Task.sleep(for: .milliseconds(50))
        } catch {
            return .failure(RPCError(.cancelled, "planning the links was cancelled"))
        }
    }
}

private func outcome<Value: Sendable>(_ body: @Sendable () async throws -> Value) async -> Result<Value, RPCError> {
    do {
        return .success(try await body())
    } catch let error as RPCError {
        return .failure(error)
    } catch is CancellationError {
        return .failure(RPCError(.cancelled, "planning the links was cancelled"))
    } catch {
        return .failure(RPCError(.internal, "planning the links failed: \(error)"))
    }
}

extension RPCError {
    /// Whether a plugin has just died, or waits to be started again.
    fileprivate var isOfRestartingPlugin: Bool {
        kind == .pluginCrashed || (kind == .unavailable && details["state"]?.string == "backingOff")
    }
}
