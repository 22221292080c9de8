import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    func wait(_ params: ContainerWait) async throws -> ContainerWait.Result {
        let container = try find(params.container)
        switch params.until ?? .exited {
        case .exited:
            return ContainerWait.Result(exitCode: Int(try await exitCode(of: container.id)), state: .exited)
        case .running:
            return try await conditions.wait(for: container.id) {
                let status = try reload(container.id).state.status
                return status == .running ? ContainerWait.Result(state: status) : nil
            }
        case .healthy:
            guard HealthPlan(container.definition.config.healthcheck) != nil else {
                throw RPCError(.precondition, "container \(container.name) has no healthcheck")
            }
            return try await conditions.wait(for: container.id) {
                let state = try reload(container.id).state
                if state.isRunning, state.health?.status == .healthy {
                    return ContainerWait.Result(state: state.status)
                }
                if state.status == .exited, state.waitsFor == nil, !state.isStarting {
                    throw RPCError(
                        .precondition,
                        "container \(container.name) is not running: it exited with code \(state.exitCode ?? 0)")
                }
                return nil
            }
        }
    }

    /// Waits until a container has run and ended. One that has ended before counts, one never started does not.
    ///
    /// One that is removed by itself is gone then, with its unnamed volumes: the caller's next request finds neither.
    func exitCode(of id: String) async throws -> Int32 {
        let removesItself = try store.read { try $0.container(id: id)?.definition.config.autoRemove } ?? false
        let code = try await endingCode(of: id)
        if removesItself { await removal(of: id) }
        return code
    }

    /// Waits until a container that removes itself is gone: whoever ended it holds the gate until then.
    func removal(of id: String) async { await gate.enter(id) {} }

    private func endingCode(of id: String) async throws -> Int32 {
        try await conditions.wait(for: id) {
            guard let state = try store.read({ try $0.container(id: id)?.state }) else {
                // Removed: by itself after its end, or by force.
                return exitCodes.code(of: id) ?? 0
            }
            return state.status == .exited && !state.isStarting ? state.exitCode ?? 0 : nil
        }
    }
}
