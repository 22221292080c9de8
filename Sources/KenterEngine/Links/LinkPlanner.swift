import JSONRPC
import KenterProtocol
import KenterState

/// Asks link providers for plans, and lets only valid ones through.
struct LinkPlanner: Sendable {
    private let plugins: PluginHost
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
    func plans(_ states: [LinkState]) async -> [Result<LinkPlan, RPCError>] {
        var products: [String: Result<ProviderLinkDescribe.Products, RPCError>] = [:]
        for provider in Set(states.map(\.link.provider)) {
            products[provider] = await outcome { try await self.products(of: provider) }
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
                    let result = await outcome {
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

    private func products(of provider: String) async throws -> ProviderLinkDescribe.Products {
        try await plugins.call(ProviderLinkDescribe(), role: .link, provider: provider).produces
    }

    private func plan(
        _ request: ProviderLinkPlan, provider: String, _ products: ProviderLinkDescribe.Products
    ) async throws -> LinkPlan {
        let plan = try await plugins.call(request, role: .link, provider: provider)
        return try LinkPlanValidation(request, provider: provider, produces: products).validated(plan)
    }
}

/// What `body` returns or throws, as a value.
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
