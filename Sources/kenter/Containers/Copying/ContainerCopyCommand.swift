import Glibc
import KenterClient
import KenterProtocol

struct ContainerCopyCommand: Command {
    static let abstract = "Copy files or directories between a container and this machine."
    static let discussion = """
        One of both is CONTAINER:PATH. With - in place of the other, a tar archive goes to standard output, or comes from \
        standard input and is unpacked in a directory. PATH/. stands for what the directory PATH holds. Files copied into a \
        container keep the numbers of their owners, those copied out of one belong to the caller.
        """

    let engine: EngineOptions
    let archive: Bool
    let followLink: Bool
    let quiet: Bool
    let source: String
    let destination: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        archive = arguments.flag("archive", "a", "Keep owners and groups when copying out too.")
        followLink = arguments.flag("follow-link", "L", "Follow a link at the end of the source's path.")
        quiet = arguments.flag("quiet", "q", "Do not say what was copied, which only a terminal is told.")
        source = arguments.operand("SOURCE")
        destination = arguments.operand("DESTINATION")
    }

    func run() async throws {
        switch (CopyEnd(source), CopyEnd(destination)) {
        case (.container(let container, let path), .local(let target)):
            try await copyOut(ContainerCopyOut(container: container, path: path, stream: ""), to: target)
        case (.container(let container, let path), .standard):
            try await print(ContainerCopyOut(container: container, path: path, stream: ""))
        case (.local(let path), .container(let container, let target)):
            try await copyIn(path, Self.request(container, target, place: true))
        case (.standard, .container(let container, let target)):
            try await take(Self.request(container, target, place: nil))
        case (.container, .container): throw CommandFailure("copying between containers is not supported")
        case (.local, _), (.standard, _): throw CommandFailure("must specify at least one container source")
        }
    }

    // MARK: out of a container

    private func copyOut(_ request: ContainerCopyOut, to path: String) async throws {
        let client = try await engine.connect()
        let tool = try CopyTool("unpack", ["--place"] + (archive ? ["--owners"] : []), path: path)
        let result = try await receive(request, client) { await tool.write($0) }
        guard let result else {
            // It takes no more, and says why.
            _ = try await tool.end().checked(path)
            throw CommandFailure("\(path) could not be written")
        }
        guard case .success(let copied) = result else {
            // What it has got so far has no end.
            tool.kill()
            _ = await tool.end()
            return try tell(try result.get(), to: path)
        }
        tool.endInput()
        let report = try await tool.end().checked(path)
        try tell(
            ContainerCopyResult(archiveBytes: copied.archiveBytes, skipped: copied.skipped + report.skipped), to: path)
    }

    private func print(_ request: ContainerCopyOut) async throws {
        guard isatty(STDOUT_FILENO) == 0 else {
            throw CommandFailure("an archive is nothing for a terminal: redirect standard output")
        }
        let client = try await engine.connect()
        let result = try await receive(request, client) { bytes in
            Output.write(bytes, to: STDOUT_FILENO)
            return true
        }
        if let result { showSkipped(try result.get()) }
    }

    /// Makes the call and hands on what comes; `nil` when `body` takes no more.
    private func receive(
        _ request: ContainerCopyOut, _ client: EngineClient, _ body: ([UInt8]) async -> Bool
    ) async throws -> Result<ContainerCopyResult, any Error>? {
        let stream = client.openStream()
        var request = request
        request.stream = stream.id
        request.followLink = followLink ? true : nil
        // Unstructured because the answer comes after the last bytes; awaited below.
        let call = Task.immediate { [request] in try await client.call(request, over: stream) }
        for try await chunk in stream where chunk.channel == .stdout {
            guard await body(chunk.bytes) else {
                // The call ends with this process.
                call.cancel()
                return nil
            }
        }
        return await call.result
    }

    // MARK: into a container

    /// Files belong to whom they do here, as Docker's engine has it, whatever its manual says. No path is the root.
    private static func request(_ container: String, _ path: String, place: Bool?) -> ContainerCopyIn {
        ContainerCopyIn(
            container: container, path: path.isEmpty ? "/" : path, stream: "", place: place, preserveOwners: true)
    }

    private func copyIn(_ path: String, _ request: ContainerCopyIn) async throws {
        let tool = try CopyTool("pack", followLink ? ["--follow"] : [], path: path)
        // What cannot be read is told before the engine hears of it.
        guard let first = try await tool.read() else {
            _ = try await tool.end().checked(path)
            throw CommandFailure("\(path) could not be read")
        }
        let client = try await engine.connect()
        let result = try await send(request, client, first: first) {
            try await tool.read()
        } atEnd: {
            _ = try await tool.end().checked(path)
        }
        let report = await tool.end()
        try tell(
            ContainerCopyResult(archiveBytes: result.archiveBytes, skipped: result.skipped + report.skipped),
            to: destination)
    }

    private func take(_ request: ContainerCopyIn) async throws {
        let client = try await engine.connect()
        let reader = InputReader(chunkBytes: 256 << 10)
        let result = try await send(request, client, first: []) {
            try await reader.read()
        } atEnd: {
        }
        showSkipped(result)
    }

    /// Makes the call and sends what `next` yields; where that or `atEnd` throws, the other side never hears of an end.
    private func send(
        _ request: ContainerCopyIn, _ client: EngineClient, first: [UInt8], _ next: () async throws -> [UInt8]?,
        atEnd: () async throws -> Void
    ) async throws -> ContainerCopyResult {
        let stream = client.openStream()
        var request = request
        request.stream = stream.id
        // Unstructured because the request has to leave before the first bytes; awaited below.
        let call = Task.immediate { [request] in try await client.call(request, over: stream) }
        do {
            var isTaken = await stream.send(first)
            while isTaken, let bytes = try await next() {
                // An engine that has answered takes no more: its answer says why.
                isTaken = await stream.send(bytes)
            }
            if isTaken {
                try await atEnd()
                await stream.send([], isLast: true)
            }
        } catch {
            call.cancel()
            _ = await call.result
            throw error
        }
        return try await call.value
    }

    // MARK: what is said

    private func tell(_ result: ContainerCopyResult, to path: String) throws {
        showSkipped(result)
        if !quiet, isatty(STDERR_FILENO) == 1 {
            Output.errorLine(
                "Successfully copied \(HumanText.size(bytes: result.archiveBytes)) to \(TerminalText.escaped(path))")
        }
    }

    private func showSkipped(_ result: ContainerCopyResult) {
        for skipped in result.skipped { Output.errorLine("kenter: left out \(TerminalText.escaped(skipped))") }
    }
}

/// One side of a copy, as Docker reads it.
enum CopyEnd: Equatable {
    case container(String, path: String)
    case local(String)
    /// Standard input or output.
    case standard

    init(_ text: String) {
        guard text != "-" else {
            self = .standard
            return
        }
        // `./file:name` and `/file:name` are files of this machine.
        guard !text.hasPrefix("/"), !text.hasPrefix("."), let colon = text.firstIndex(of: ":") else {
            self = .local(text)
            return
        }
        self = .container(String(text[..<colon]), path: String(text[text.index(after: colon)...]))
    }
}
