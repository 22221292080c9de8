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
        let id = try find(reference).id
        let begun = try await gate.enter(id) { () -> BegunCopy in
            try Task.checkCancellation()
            let container = try reload(id)
            guard container.state.status != .removing else {
                throw RPCError(.conflict, "container \(container.name) is being removed")
            }
            if container.state.isRunning {
                return .running(try begin(copy, container, in: try runtime.mountNamespace(of: id)))
            }
            let result = try await withFiles(of: container) { view in
                try await follow(try begin(copy, container, in: view), copy)
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

    /// Starts the process that copies; the view's descriptor is closed.
    private func begin(
        _ copy: Copy, _ container: ContainerRecord, in view: ContainerRuntime.FileView
    ) throws -> Copier {
        defer { close(view.descriptor) }
        let isReadOnly = copy.isInput && container.definition.config.readOnly
        let process = try runtime.copy(
            copy.verb, copy.options + (isReadOnly ? ["--read-only-root"] : []), path: copy.path, in: view)
        return Copier(process: process, container: container, key: copies.add(process, of: container.id))
    }

    /// Carries the archive until the process has ended.
    private func follow(_ copier: Copier, _ copy: Copy) async throws -> ContainerCopyResult {
        let (id, name) = (copier.container.id, copier.container.name)
        defer { copies.remove(copier.key, of: id) }
        let transfer = CopyTransfer(process: copier.process, stream: copy.stream, isInput: copy.isInput)
        let outcome = try await transfer.run()
        let wasEnded = copies.remove(copier.key, of: id)
        let report = CopyReport(outcome.said)
        if outcome.exitCode == 0 {
            return ContainerCopyResult(archiveBytes: outcome.archiveBytes, skipped: report.skipped)
        }
        if wasEnded {
            throw RPCError(.conflict, "container \(name) was stopped or removed while it was copied: try again")
        }
        throw report.failure(container: name, path: copy.path)
    }
}
