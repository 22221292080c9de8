import JSONRPC
import KenterClient
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@Suite struct EngineStreamTests {
    private func data(_ stream: JSONValue, _ bytes: [UInt8], eof: Bool = false) -> JSONObject {
        ["stream": stream, "channel": "stdout", "data": .string(Base64(bytes).text), "eof": .bool(eof)]
    }

    @Test func `what the engine sends is read in order and ends with the call`() async throws {
        let answer: FakeEngine.Answer = { request, connection in
            let stream = request.params["stream"] ?? .null
            connection.notify("stream.data", self.data(stream, Array("one ".utf8)))
            connection.notify("stream.data", self.data(stream, Array("two".utf8), eof: true))
            return ["exitCode": 7]
        }
        try await FakeEngine.with(["container.exec": answer]) { engine in
            let client = try await EngineClient.connect(to: .unix(path: engine.socket))
            let stream = client.openStream()
            async let result = client.call(
                ContainerExec(container: "web", command: ["x"], stream: stream.id), over: stream)
            var text: [UInt8] = []
            for try await chunk in stream { text += chunk.bytes }
            #expect(String(decoding: text, as: UTF8.self) == "one two")
            #expect(try await result.exitCode == 7)
        }
    }

    @Test func `credit is granted as data is consumed`() async throws {
        let granted = Mutex(0)
        let answer: FakeEngine.Answer = { request, connection in
            let stream = request.params["stream"] ?? .null
            var credit = StreamCredit.initialBytes
            for _ in 0..<40 {
                while credit < 32 << 10 {
                    credit += granted.withLock { granted in
                        defer { granted = 0 }
                        return granted
                    }
                    await Task.yield()
                }
                connection.send(
                    .notification(
                        Notification(
                            method: "stream.data", params: self.data(stream, [UInt8](repeating: 7, count: 32 << 10)))))
                credit -= 32 << 10
            }
            return [:]
        }
        let listener: FakeEngine.Listener = { notification, _ in
            guard notification.method == "stream.credit" else { return }
            granted.withLock { $0 += Int(notification.params["bytes"]?.integer ?? 0) }
        }
        try await FakeEngine.with(["container.logs": answer], notified: listener) { engine in
            let client = try await EngineClient.connect(to: .unix(path: engine.socket))
            let stream = client.openStream()
            async let result = client.call(ContainerLogs(container: "web", stream: stream.id), over: stream)
            var count = 0
            for try await chunk in stream { count += chunk.bytes.count }
            #expect(count == 40 * 32 << 10)
            _ = try await result
        }
    }

    @Test func `an engine that ignores credit is cut off`() async throws {
        let answer: FakeEngine.Answer = { request, connection in
            let stream = request.params["stream"] ?? .null
            for _ in 0..<9 {
                connection.send(
                    .notification(
                        Notification(
                            method: "stream.data", params: self.data(stream, [UInt8](repeating: 7, count: 32 << 10)))))
            }
            return [:]
        }
        try await FakeEngine.with(["container.logs": answer]) { engine in
            let client = try await EngineClient.connect(to: .unix(path: engine.socket))
            let stream = client.openStream()
            // Nothing is consumed before all of it is here.
            _ = try await client.call(ContainerLogs(container: "web", stream: stream.id), over: stream)
            await #expect(throws: RPCError.self) { for try await _ in stream {} }
        }
    }

    @Test func `a file is sent within the engine's credit`() async throws {
        let whole = 1 << 20
        let received = Mutex(0)
        let largestLead = Mutex(0)
        let granted = Mutex(StreamCredit.initialBytes)
        let listener: FakeEngine.Listener = { notification, connection in
            guard let data = try? JSONValueDecoder().decode(StreamData.self, from: notification.params) else { return }
            let count = received.withLock { received in
                received += data.data.bytes.count
                return received
            }
            let credit = granted.withLock { $0 }
            largestLead.withLock { $0 = max($0, count - credit) }
            if data.eof == true { received.withLock { $0 = -$0 } }
            granted.withLock { $0 += data.data.bytes.count }
            connection.notify(
                "stream.credit", ["stream": .string(data.stream), "bytes": .integer(Int64(data.data.bytes.count))])
        }
        let answer: FakeEngine.Answer = { _, _ in
            #expect(await eventually { received.withLock { $0 } == -whole })
            return ["images": []]
        }
        try await FakeEngine.with(["image.load": answer], notified: listener) { engine in
            let client = try await EngineClient.connect(to: .unix(path: engine.socket))
            let stream = client.openStream()
            async let result = client.call(ImageLoad(stream: stream.id), over: stream)
            #expect(await stream.send([UInt8](repeating: 1, count: whole), isLast: true))
            _ = try await result
            #expect(largestLead.withLock { $0 } <= 0)
            #expect(await stream.send([1]) == false)
        }
    }
}
