import ChildProcess
import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Threads

/// The built plugin in a network namespace, driven line by line over its standard input and output.
actor PluginUnderTest {
    let pid: Int32
    private let writing: Int32
    private let reading: Int32
    private var nextId: Int64 = 1
    private var unread: [UInt8] = []
    private var hasEnded = false
    /// What came besides answers.
    private(set) var notifications: [JSONObject] = []
    private(set) var warnings: [String] = []

    /// Starts, greets and configures it.
    init(in namespace: String, stateDirectory: String, instance: String = "ab12") async throws {
        let (input, output) = (Pipe(), Pipe())
        guard input.isOpen, output.isOpen else { throw CommandFailure("out of descriptors") }
        pid = try ChildProcess(
            ChildProcess.find("nsenter") ?? "",
            ["--net=\(namespace)", "--", BuildProducts.executable("network-routed")],
            descriptors: [0: input.reading, 1: output.writing, 2: 2]
        ).spawn()
        close(input.reading)
        close(output.writing)
        writing = input.writing
        reading = output.reading
        let hello = PluginHello(
            protocol: .init(min: 1, max: 1), engine: .init(name: "test", version: "0"), instance: instance,
            limits: .init(lineBytes: 4 << 20, stateBytes: 16_384))
        _ = try await call(hello)
        warnings = try await call(PluginConfigure(config: [:], stateDir: stateDirectory)).warnings ?? []
    }

    /// Sends a request and waits for its answer; an error of the plugin is thrown as it came.
    @discardableResult
    func call<Method: RPCMethod>(_ method: Method) async throws -> Method.Result {
        let id = nextId
        nextId += 1
        try send(method, id)
        while true {
            let message = try await receive()
            guard message["id"]?.integer == id else {
                notifications.append(message)
                continue
            }
            if let error = message["error"]?.object.flatMap({ RPCError(json: $0) }) { throw error }
            return try JSONValueDecoder().decode(Method.Result.self, from: message["result"] ?? .null)
        }
    }

    /// Sends a request whose answer nobody will read.
    func send<Method: RPCMethod>(_ method: Method, _ id: Int64 = 1 << 40) throws {
        let request: JSONObject = [
            "jsonrpc": "2.0", "id": .integer(id), "method": .string(Method.name),
            "params": .object(try JSONValueEncoder().encodeObject(method)),
        ]
        let bytes = JSONValue.object(request).bytes + [10]
        guard write(writing, bytes, bytes.count) == bytes.count else { throw CommandFailure("the plugin is gone") }
    }

    /// Waits for a notification that has come or is to come.
    func notification(where matches: (JSONObject) -> Bool) async throws -> JSONObject {
        while true {
            if let found = notifications.first(where: matches) { return found }
            notifications.append(try await receive())
        }
    }

    /// Closes its standard input and waits for its end.
    func finish() async -> ExitStatus? { await end(killing: false) }

    /// Ends it as a crash would; once it has ended, nothing more happens.
    func crash() async { _ = await end(killing: true) }

    private func end(killing: Bool) async -> ExitStatus? {
        guard !hasEnded else { return nil }
        hasEnded = true
        if killing { kill(pid, SIGKILL) }
        close(writing)
        let pid = pid
        let status = await DetachedThread.run { ExitStatus.wait(for: pid) }
        close(reading)
        return status
    }

    private func receive() async throws -> JSONObject {
        while true {
            if let end = unread.firstIndex(of: 10) {
                let line = Array(unread[..<end])
                unread.removeSubrange(...end)
                guard let object = try JSONScanner.scan(line).object else { throw CommandFailure("not an object") }
                return object
            }
            let reading = reading
            let bytes = await DetachedThread.run { () -> [UInt8] in
                var polled = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
                guard poll(&polled, 1, 20_000) > 0 else { return [] }
                var buffer = [UInt8](repeating: 0, count: 65_536)
                return Array(buffer[..<max(0, read(reading, &buffer, buffer.count))])
            }
            guard !bytes.isEmpty else { throw CommandFailure("no answer from the plugin within 20 s, or it is gone") }
            unread += bytes
        }
    }
}
