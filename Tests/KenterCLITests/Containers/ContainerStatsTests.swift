import ChildProcess
import JSONRPC
import KenterProtocol
import Synchronization
import TestSupport
import Testing

@testable import kenter

@Suite struct ContainerStatsTests {
    private static func stats(
        _ name: String, cpuNanoseconds: Int64? = nil, readAt: String = "2026-11-24T02:39:00Z", bytes: [Int64] = []
    ) -> ContainerStats.Result {
        let traffic = bytes.map {
            ContainerStats.Result.Traffic(rxBytes: $0, txBytes: $0, rxPackets: $0, txPackets: $0, dropped: $0)
        }
        return ContainerStats.Result(
            id: name, name: name, readAt: readAt, cpuNanoseconds: cpuNanoseconds, memoryUsageBytes: .max,
            memoryLimitBytes: 1, networks: Dictionary(uniqueKeysWithValues: zip(["a", "b", "c"], traffic)))
    }

    @Test(
        arguments: [
            ([.max, .max, 1], "9.22EB / 9.22EB"), ([.min, .min], "0B / 0B"), ([1, 2], "3B / 3B"), ([], "0B / 0B"),
        ] as [([Int64], String)])
    func `counters of plugins may be anything`(_ bytes: [Int64], _ text: String) {
        #expect(ContainerStatsCommand.row(Self.stats("web", bytes: bytes), since: nil)[4] == text)
    }

    @Test func `counters of an engine may be anything`() {
        let before = Self.stats("web", cpuNanoseconds: .min, readAt: "1678-01-01T00:00:00Z")
        let now = Self.stats("web", cpuNanoseconds: .max, readAt: "2261-01-01T00:00:00Z")
        #expect(ContainerStatsCommand.row(now, since: before)[1] == "100.27%")
        let soon = Self.stats("web", cpuNanoseconds: .max, readAt: "1678-01-01T00:00:00.000000001Z")
        #expect(ContainerStatsCommand.row(soon, since: before)[1].hasSuffix("%"))
        #expect(ContainerStatsCommand.row(now, since: nil)[3].hasSuffix("%"))
    }

    /// One that does not answer holds up no other, and no engine is asked about all at once.
    @Test func `containers are asked about together, a few at a time, and shown in their order`() async throws {
        let names = (10..<50).map { "c\($0)" }
        let asked = Atomic(0)
        let running = Atomic(0)
        let highest = Atomic(0)
        let answer: FakeEngine.Answer = { request, _ in
            let count = running.add(1, ordering: .relaxed).newValue
            highest.max(count, ordering: .relaxed)
            asked.add(1, ordering: .relaxed)
            defer { running.subtract(1, ordering: .relaxed) }
            // Nobody gets an answer before several have been asked about.
            guard await eventually({ asked.load(ordering: .relaxed) >= 4 }) else {
                throw RPCError(.timeout, "one after the other")
            }
            return try JSONValueEncoder().encodeObject(Self.stats(request.params["container"]?.string ?? ""))
        }
        let list: FakeEngine.Answer = { _, _ in
            ["containers": .array(names.map { ["id": .string($0)] })]
        }
        try await FakeEngine.with(["container.list": list, "container.stats": answer]) { engine in
            let result = try await Command.run(
                [BuildProducts.executable("kenter"), "stats", "--json"],
                environment: ["PATH=\(ChildProcess.searchPath)", "KENTER_HOST=unix://\(engine.socket)"])
            #expect(result.exit == 0, "\(result)")
            #expect(try JSONValue(text: result.output).array?.compactMap { $0["name"].string } == names)
        }
        #expect((4...16).contains(highest.load(ordering: .relaxed)))
    }
}
