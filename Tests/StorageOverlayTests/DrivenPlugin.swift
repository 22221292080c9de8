import ChildProcess
import Glibc
import JSONRPC
import KenterProtocol
import TestSupport

/// The built plugin, driven over its standard input and output as the engine would, with a state directory of its own.
final class DrivenPlugin: Sendable {
    let pid: Int32
    private let connection: Connection

    /// Starts the plugin on a state directory and configures it.
    static func start(_ stateDirectory: String, config: JSONObject = [:]) async throws -> DrivenPlugin {
        let plugin = try DrivenPlugin()
        let hello = PluginHello(
            protocol: .init(min: 1, max: 1), engine: .init(name: "tests", version: "1"), instance: "abcd",
            limits: .init(lineBytes: 4 << 20, stateBytes: 16 << 10))
        let answer = try await plugin.call(hello)
        guard answer.roles["storage"]?.capabilities == ["rootfs", "volumes"] else {
            throw CommandFailure("hello offered \(answer.roles)")
        }
        let configured = try await plugin.call(PluginConfigure(config: config, stateDir: stateDirectory))
        guard configured.ready else { throw CommandFailure("the plugin is not ready") }
        return plugin
    }

    private init() throws {
        let (input, output) = (Pipe(), Pipe())
        pid = try ChildProcess(
            BuildProducts.executable("storage-overlay"), [],
            descriptors: [0: input.reading, 1: output.writing, 2: 2]
        ).spawn()
        close(input.reading)
        close(output.writing)
        let channel = ByteChannel(
            reading: Descriptor(owning: output.reading), writing: Descriptor(owning: input.writing))
        connection = Connection(channel, limits: .plugin, handler: RefusingHandler())
        connection.start()
    }

    func call<Method: RPCMethod>(_ method: Method) async throws -> Method.Result {
        let params = try JSONValueEncoder().encodeObject(method)
        let result = try await connection.call(Method.name, params, timeout: .seconds(60))
        return try JSONValueDecoder().decode(Method.Result.self, from: result)
    }

    /// The error of a call that must fail.
    func refusal(of method: some RPCMethod) async throws -> RPCError {
        do {
            _ = try await call(method)
        } catch let error as RPCError {
            return error
        }
        throw CommandFailure("\(type(of: method).name) succeeded")
    }

    /// Ends the plugin by the end of its input, and returns its exit code.
    func end() async -> Int32? {
        connection.finishWriting()
        return await waitForExit()
    }

    /// Ends the plugin without notice.
    func killNow() async {
        kill(pid, SIGKILL)
        _ = await waitForExit()
    }

    private func waitForExit() async -> Int32? {
        var status: Int32 = 0
        let pid = pid
        let ended = await eventually {
            var code: Int32 = 0
            guard waitpid(pid, &code, WNOHANG) == pid else { return false }
            status = code
            return true
        }
        return ended ? (status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f) : nil
    }
}

/// A directory for one test: the plugin's state, files for it, and mount points.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/kenter-storage-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CommandFailure("cannot make a directory in /tmp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var state: String { "\(path)/state" }

    /// Removes everything; every mount must be gone by then.
    func remove() async throws { try await Command.succeed(["rm", "-rf", "--one-file-system", path]) }

    /// Writes a file and returns its digest and path.
    func blob(_ bytes: [UInt8], _ name: String = "layer") async throws -> Blob {
        let file = "\(path)/\(name)"
        try write(bytes, to: file)
        return try await Blob(file)
    }

    func compressed(_ bytes: [UInt8], _ tool: String, _ ending: String) async throws -> Blob {
        try write(bytes, to: "\(path)/uncompressed")
        try await Command.succeed([tool, "-q", "-k", "-f", "\(path)/uncompressed"])
        return try await Blob("\(path)/uncompressed.\(ending)")
    }

    private func write(_ bytes: [UInt8], to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw CommandFailure("cannot write \(file)") }
            rest = rest.dropFirst(count)
        }
    }
}

/// A file and its digest.
struct Blob: Sendable {
    let path: String
    let digest: String

    init(_ path: String) async throws {
        self.path = path
        let sum = try await Command.succeed(["sha256sum", path])
        digest = "sha256:" + sum.output.prefix(64)
    }

    func apply(_ mediaType: String = "application/vnd.oci.image.layer.v1.tar+gzip") -> ProviderLayerApply {
        ProviderLayerApply(digest: digest, path: path, mediaType: mediaType)
    }
}

/// A plugin with a directory of its own, both gone afterwards whatever happens.
func withPlugin(
    config: JSONObject = [:], _ body: (DrivenPlugin, borrowing Scratch) async throws -> Void
) async throws {
    let scratch = try Scratch()
    let plugin = try await DrivenPlugin.start(scratch.state, config: config)
    do {
        try await body(plugin, scratch)
    } catch {
        await plugin.killNow()
        try await scratch.remove()
        throw error
    }
    await plugin.killNow()
    try await scratch.remove()
}
