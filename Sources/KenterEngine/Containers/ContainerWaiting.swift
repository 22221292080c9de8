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
            throw RPCError(.unsupported, "waiting for 'healthy' needs healthchecks, which this engine does not run yet")
        }
    }

    /// Waits until a container has run and ended. One that has ended before counts, one never started does not.
    ///
    /// One that is removed by itself is gone then, with its unnamed volumes: the caller's next request finds neither.
    func exitCode(of id: String) async throws -> Int32 {
        let removesItself = try store.read { try $0.container(id: id)?.definition.config.autoRemove } ?? false
        let code = try await endingCode(of: id)
        // Whoever ended it holds the gate until all of it is taken down.
        if removesItself { await gate.enter(id) {} }
        return code
    }

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
