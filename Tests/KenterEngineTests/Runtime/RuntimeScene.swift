import Glibc
import TestSupport
import Testing

@testable import KenterEngine

/// A container runtime in directories of its own, for one test; at the end nothing of it may be left on the host.
struct RuntimeScene: Sendable {
    let directory: String
    let rootPath: String
    var runtime: ContainerRuntime

    struct Outcome: Sendable {
        var code: Int32
        var output: String
        var errors: String
        var exit: ContainerExit
    }

    /// The paths are long on purpose: sockets in them do not fit an address.
    static func with(_ body: (RuntimeScene) async throws -> Void) async throws {
        let name = "kenter-runtime-\(UInt32.random(in: 0...UInt32.max))-in-a-directory-with-quite-a-long-name"
        let scene = try await RuntimeScene(directory: "/tmp/\(name)")
        do {
            try await body(scene)
        } catch {
            try await scene.removeAll()
            try await Command.succeed(["rm", "-rf", "--one-file-system", scene.directory])
            throw error
        }
        try await scene.removeAll()
        try await scene.expectNothingLeft()
    }

    private init(directory: String) async throws {
        self.directory = directory
        rootPath = try await BusyboxRoot.path()
        runtime = try await Self.makeRuntime(directory)
    }

    /// Another engine over the same directories, as after a restart.
    static func makeRuntime(_ directory: String) async throws -> ContainerRuntime {
        let configuration = ContainerRuntime.Configuration(
            rootDirectory: "\(directory)/root", runDirectory: "\(directory)/run",
            instance: "test\(directory.filter(\.isNumber).prefix(10))",
            wrapperPath: BuildProducts.executable("kenter-runtime"))
        return try await ContainerRuntime(configuration)
    }

    /// A fresh id, as long as real ones.
    func newID() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    func container(_ arguments: [String]) -> ContainerSpecification {
        let process = ContainerProcess(
            arguments: arguments, environment: ["PATH=/usr/bin:/bin:/sbin", "HOME=/root", "TERM=xterm"])
        return ContainerSpecification(process: process, rootPath: rootPath, hostname: "box")
    }

    /// Runs a container to its end and deletes it.
    func run(
        _ arguments: [String], input: [UInt8]? = nil, _ change: (inout ContainerSpecification) -> Void = { _ in }
    ) async throws -> Outcome {
        var specification = container(arguments)
        change(&specification)
        let id = newID()
        var options = ContainerOptions()
        options.hasInput = input != nil
        _ = try await runtime.create(id, specification, options: options)
        let streams = try runtime.attach(id)
        async let exit = runtime.exit(of: id)
        try await runtime.start(id)
        if let input {
            await streams.send(input)
            streams.finishInput()
        }
        let (output, errors) = await Self.collect(streams)
        let ended = try #require(await exit)
        try await runtime.delete(id)
        return Outcome(code: ended.code, output: output, errors: errors, exit: ended)
    }

    /// A running container that sleeps until it is deleted.
    func startSleeper(_ change: (inout ContainerSpecification) -> Void = { _ in }) async throws -> String {
        var specification = container(["sleep", "1000"])
        change(&specification)
        let id = newID()
        _ = try await runtime.create(id, specification)
        try await runtime.start(id)
        return id
    }

    func execute(_ arguments: [String], in id: String, input: [UInt8]? = nil) async throws -> (
        code: Int32, output: String, errors: String
    ) {
        let process = try await runtime.execute(container(arguments).process, in: id, hasInput: input != nil)
        if let input {
            await process.streams.send(input)
            process.streams.finishInput()
        }
        let (output, errors) = await Self.collect(process.streams)
        return (try #require(await process.exitCode()), output, errors)
    }

    static func collect(_ streams: ProcessStreams) async -> (output: String, errors: String) {
        var (output, errors): ([UInt8], [UInt8]) = ([], [])
        while let chunk = await streams.next() {
            switch chunk.channel {
            case .standardOutput: output += chunk.bytes
            case .standardError: errors += chunk.bytes
            }
        }
        return (String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self))
    }

    private func removeAll() async throws {
        for id in runtime.identifiers() { try await runtime.delete(id) }
    }

    /// No process, mount, cgroup or file of a container.
    private func expectNothingLeft() async throws {
        let processes = await eventually { processesNamingDirectory().isEmpty }
        #expect(processes, "processes left: \(processesNamingDirectory())")
        #expect(!TextFile.read("/proc/self/mountinfo").contains(directory))
        for group in runtime.layout.directories(of: "/kenter-\(runtime.configuration.instance)") {
            #expect(access(group, F_OK) != 0, "left: \(group)")
        }
        let files = try await Command.succeed(["find", "\(directory)/run", "-not", "-type", "d"])
        #expect(files.output == "")
        try await Command.succeed(["rm", "-rf", "--one-file-system", directory])
    }

    private func processesNamingDirectory() -> [String] {
        TextFile.names(in: "/proc").compactMap { name in
            guard let pid = Int32(name), pid != getpid() else { return nil }
            let command = TextFile.read("/proc/\(pid)/cmdline")
            return command.contains(directory) ? command : nil
        }
    }
}
