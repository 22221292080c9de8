import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    func copyOut(_ params: ContainerCopyOut, _ context: RequestContext) async throws -> ContainerCopyResult {
        let path = try Self.copyPath(params.path)
        return try await context.withStream(params.stream) { stream in
            let copy = Copy(
                verb: "pack", options: params.followLink == true ? ["--follow"] : [], path: path, isInput: false,
                stream: stream)
            return try await run(copy, params.container, event: "container.copyOut")
        }
    }

    func copyIn(_ params: ContainerCopyIn, _ context: RequestContext) async throws -> ContainerCopyResult {
        let path = try Self.copyPath(params.path)
        let options = (params.place == true ? ["--place"] : []) + (params.preserveOwners == true ? ["--owners"] : [])
        return try await context.withStream(params.stream) { stream in
            let copy = Copy(verb: "unpack", options: options, path: path, isInput: true, stream: stream)
            return try await run(copy, params.container, event: "container.copyIn")
        }
    }

    /// Ends every copy, and waits until what was mounted for them is gone.
    func endCopies() async {
        for id in copies.containers {
            await copies.end(id)
            await gate.enter(id) {}
        }
    }

    private static func copyPath(_ path: String) throws(RPCError) -> String {
        guard !path.isEmpty, path.utf8.count <= 4095, !path.utf8.contains(0) else {
            throw RPCError(.invalidParams, "a path has 1 to 4095 bytes, none of them zero", details: ["path": "path"])
        }
        return path.hasPrefix("/") ? path : "/" + path
    }

    /// One request to copy, and the client's end of it.
    private struct Copy: Sendable {
        var verb: String
        var options: [String]
        var path: String
        var isInput: Bool
        var stream: ClientStream
    }

    private enum BegunCopy {
        case done(ContainerCopyResult)
        case running(Copier)
    }

    /// A copy under way.
    private struct Copier: Sendable {
        var process: ExecutedProcess
        var container: ContainerRecord
        var key: Int
    }

    /// Of a running container only the beginning is inside the gate: it may be stopped meanwhile, which ends the copy.
    /// One that does not run is held until the copy is done, as its files are mounted for it alone.
    private func run(_ copy: Copy, _ reference: String, event: String) async throws -> ContainerCopyResult {
        let (id, name) = try { ($0.id, $0.name) }(find(reference))
        guard !copies.isRefused(id) else { throw Self.isBeingRemoved(name) }
        let begun = try await gate.places(for: [id]).enter(id) { () -> BegunCopy in
            let container = try reload(id)
            guard container.state.status != .removing else {
                throw Self.isBeingRemoved(container.name)
            }
            if container.state.isRunning {
                return .running(try await begin(copy, container, in: try runtime.mountNamespace(of: id)))
            }
            let result = try await withFiles(of: container) { view in
                try await follow(try await begin(copy, container, in: view), copy, idleLimit: Self.idleLimit)
            }
            return .done(result)
        }
        let result =
            switch begun {
            case .done(let result): result
            case .running(let copier): try await follow(copier, copy)
            }
        if let container = try store.read({ try $0.container(id: id) }) { try note(event, container) }
        return result
    }

    /// A client that neither sends nor takes anything holds a container that does not run no longer than this.
    private static let idleLimit = Duration.seconds(60)

    private static func isBeingRemoved(_ name: String) -> RPCError {
        RPCError(.conflict, "container \(name) is being removed")
    }

    /// Starts the process that copies; the view's descriptor is closed.
    private func begin(
        _ copy: Copy, _ container: ContainerRecord, in view: ContainerRuntime.FileView
    ) async throws -> Copier {
        defer { close(view.descriptor) }
        let isReadOnly = copy.isInput && container.definition.config.readOnly
        let process = try runtime.copy(
            copy.verb, copy.options + (isReadOnly ? ["--read-only-root"] : []), path: copy.path, in: view)
        guard let key = copies.add(process, copy.stream, of: container.id) else {
            await Self.kill(process)
            throw Self.isBeingRemoved(container.name)
        }
        return Copier(process: process, container: container, key: key)
    }

    /// Returns when it has let go of the container's files, cancelled or not.
    private static func kill(_ process: ExecutedProcess) async {
        process.send(signal: SIGKILL)
        process.streams.takeRest()
        await shielded { _ = await process.exitCode() }
    }

    /// Carries the archive until the process has ended.
    private func follow(
        _ copier: Copier, _ copy: Copy, idleLimit: Duration? = nil
    ) async throws -> ContainerCopyResult {
        let (id, name) = (copier.container.id, copier.container.name)
        defer { copies.remove(copier.key, of: id) }
        let transfer = CopyTransfer(
            process: copier.process, stream: copy.stream, isInput: copy.isInput, idleLimit: idleLimit)
        let outcome: CopyTransfer.Outcome
        do {
            outcome = try await transfer.run()
        } catch {
            await Self.kill(copier.process)
            throw error
        }
        let wasEnded = copies.remove(copier.key, of: id)
        let report = CopyReport(outcome.said)
        if outcome.wasIdle {
            throw RPCError(
                .timeout,
                "nothing was copied for \(Self.idleLimit.components.seconds) seconds, which container \(name), "
                    + "as it does not run, is not held longer for: try again")
        }
        if outcome.exitCode == 0, copy.isInput || !wasEnded {
            return ContainerCopyResult(archiveBytes: outcome.archiveBytes, skipped: report.skipped)
        }
        if wasEnded {
            throw RPCError(.conflict, "container \(name) was stopped or removed while it was copied: try again")
        }
        throw report.failure(container: name, path: copy.path)
    }
}
