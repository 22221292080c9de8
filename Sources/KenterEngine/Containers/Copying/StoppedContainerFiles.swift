import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// Mounts the files of a container that does not run as it would see them, for as long as `body` takes; the caller
    /// holds its gate.
    func withFiles<R: Sendable>(
        of container: ContainerRecord, _ body: (ContainerRuntime.FileView) async throws -> R
    ) async throws -> R {
        try update(container.id) { $0.isOpened = true }
        CrashPoint.reach("before the files were opened")
        do {
            let result = try await body(try await openFiles(of: container))
            await closeFiles(of: container)
            return result
        } catch {
            await closeFiles(of: container)
            throw error
        }
    }

    private func openFiles(of container: ContainerRecord) async throws -> ContainerRuntime.FileView {
        try await mountRoot(container)
        let binds = ContainerBinds(directories: directories, containerId: container.id)
        let mounts = try await ownMounts(container, try binds.make(container.definition.mounts))
        let rootPath = directories.rootfs(container.id)
        try makeDirectory(directories.binds(container.id))
        let stagePath = "\(directories.binds(container.id))/stage"
        let points = Self.ordered(engineFiles(of: container) + mounts).enumerated().map { number, mount in
            MountPoint(mount, rootPath: rootPath, stagePath: "\(stagePath)\(number)")
        }
        defer { for point in points { point.unstage() } }
        for point in points { try point.make() }
        // What lies in a tmpfs has its place there by now.
        for point in points { try point.seal() }
        let root = open(rootPath, clinux_O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard root >= 0 else { throw RPCError.system("open", rootPath) }
        CrashPoint.reach("after the files were opened")
        return .root(root)
    }

    /// Takes down what ``withFiles(of:_:)`` has mounted; every step is tried.
    func closeFiles(of container: ContainerRecord) async {
        await shielded {
            await self.copies.end(container.id)
            ContainerBinds(directories: self.directories, containerId: container.id).remove()
            // With everything that is mounted in it.
            Mount.remove(self.directories.rootfs(container.id))
            await self.volumes.unmount(container)
            do {
                try self.update(container.id) { $0.isOpened = nil }
            } catch {
                self.log.error(
                    "cannot record that files were closed",
                    metadata: ["container": "\(container.id)", "error": "\(error)"])
            }
        }
    }

    /// hosts, hostname and resolv.conf as its last run left them.
    private func engineFiles(of container: ContainerRecord) -> [ContainerMount] {
        [
            (directories.hosts(container.id), "/etc/hosts"), (directories.hostname(container.id), "/etc/hostname"),
            (directories.resolver(container.id), "/etc/resolv.conf"),
        ].filter { access($0.0, F_OK) == 0 }.map { .bind($0.0, to: $0.1) }
    }
}
