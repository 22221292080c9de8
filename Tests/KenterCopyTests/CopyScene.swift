import ChildProcess
import Glibc
import TestSupport

/// A directory to copy to and from, and `kenter-copy` at work on it.
struct CopyScene {
    let path: String

    /// Runs `body` with a fresh directory, and removes it.
    static func with<R>(_ body: (CopyScene) async throws -> R) async throws -> R {
        let scene = CopyScene(path: "/tmp/kenter-copy-\(UInt32.random(in: 0...UInt32.max))")
        guard mkdir(scene.path, 0o700) == 0 else { throw CommandFailure("cannot make \(scene.path)") }
        do {
            let result = try await body(scene)
            try await Command.succeed(["rm", "-rf", scene.path])
            return result
        } catch {
            _ = try await Command.run(["rm", "-rf", scene.path])
            throw error
        }
    }

    func directory(_ name: String) -> String {
        mkdir("\(path)/\(name)", 0o755)
        return "\(path)/\(name)"
    }

    /// On files of the host.
    func host(_ verb: String, _ options: [String] = [], _ path: String, input: [UInt8] = []) async throws -> Collected {
        try await ChildProcess(
            BuildProducts.executable("kenter-copy"), [verb, "--host"] + options + [path], workingDirectory: self.path
        ).collect(input: input, limitBytes: 16 << 20)
    }

    /// With `root` as the root of a container that does not run.
    func inside(
        _ root: String, _ verb: String, _ options: [String] = [], _ path: String, input: [UInt8] = []
    ) async throws -> Collected {
        let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        return try await ChildProcess(
            BuildProducts.executable("kenter-copy"), [verb, "--root"] + options + [path], descriptors: [3: descriptor]
        ).collect(input: input, limitBytes: 16 << 20)
    }
}
