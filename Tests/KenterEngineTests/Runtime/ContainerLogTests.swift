import Glibc
import KenterProtocol
import TestSupport
import Testing

@testable import KenterEngine

@Suite struct ContainerLogTests {
    /// A log file of its own for one test.
    private func withLog(_ body: (String) async throws -> Void) async throws {
        let directory = "/tmp/kenter-log-\(UInt32.random(in: 0...UInt32.max))"
        try await Command.succeed(["mkdir", directory])
        try await body("\(directory)/container.log")
        try await Command.succeed(["rm", "-r", directory])
    }

    private func line(_ second: Int, _ text: String, stream: String = "stdout", tag: String = "F") -> String {
        "2026-11-24T02:39:\(second < 10 ? "0" : "")\(second).000000001+01:00 \(stream) \(tag) \(text)\n"
    }

    private func read(_ path: String, _ change: (inout LogSelection) -> Void = { _ in }) async -> [LogEntry] {
        var selection = LogSelection()
        change(&selection)
        let reader = LogReader(path: path, selection: selection)
        var entries: [LogEntry] = []
        while let entry = await reader.next() { entries.append(entry) }
        return entries
    }

    private func text(_ entries: [LogEntry]) -> String {
        entries.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    @Test func `lines keep their channel, time, spaces and missing ends`() async throws {
        try await withLog { path in
            let log =
                line(1, "  two  spaces") + line(2, "") + line(3, "err", stream: "stderr") + "garbage\n"
                + line(4, "half", tag: "P")
            try TextFile.write(log, to: path)
            let entries = await read(path)
            #expect(text(entries) == "  two  spaces\n\nerr\nhalf")
            #expect(entries.map(\.channel) == [.standardOutput, .standardOutput, .standardError, .standardOutput])
            #expect(entries.map(\.endsLine) == [true, true, true, false])
            #expect(entries[0].time.description == "2026-11-24T01:39:01.000000001Z")
        }
    }

    @Test(arguments: [(0, ""), (1, "c\n"), (2, "long end\nc\n"), (3, "a\nlong end\nc\n"), (9, "a\nlong end\nc\n")])
    func `the last lines are found, one in pieces counting once`(count: Int, expected: String) async throws {
        try await withLog { path in
            try TextFile.write(
                line(1, "a") + line(2, "long ", tag: "P") + line(2, "end") + line(3, "c"), to: path)
            #expect(text(await read(path) { $0.tail = count }) == expected)
        }
    }

    @Test func `the last lines are found across blocks`() async throws {
        try await withLog { path in
            try TextFile.write((0..<20_000).map { line($0 % 60, "number \($0)") }.joined(), to: path)
            for count in [1, 700, 1100, 5000, 20_000] {
                let entries = await read(path) { $0.tail = count }
                #expect(entries.count == count)
                #expect(text(entries).hasPrefix("number \(20_000 - count)\n"))
            }
        }
    }

    @Test func `a span of time can be chosen`() async throws {
        try await withLog { path in
            try TextFile.write((1...9).map { line($0, "\($0)") }.joined(), to: path)
            let since = Timestamp("2026-11-24T01:39:03Z")
            let until = Timestamp("2026-11-24T01:39:06Z")
            #expect(
                text(
                    await read(path) {
                        $0.since = since
                        $0.until = until
                    }) == "3\n4\n5\n")
        }
    }

    @Test func `a log is followed as it grows and starts anew, until it is finished`() async throws {
        try await withLog { path in
            try TextFile.write(line(1, "one"), to: path)
            var selection = LogSelection()
            selection.follows = true
            let reader = LogReader(path: path, selection: selection)
            #expect(await reader.next()?.bytes == Array("one\n".utf8))
            let file = open(path, O_WRONLY | O_APPEND)
            let two = Array(line(2, "two").utf8)
            #expect(write(file, two, two.count) == two.count)
            close(file)
            #expect(await reader.next()?.bytes == Array("two\n".utf8))
            try TextFile.write(line(3, "three"), to: "\(path).new")
            #expect(rename("\(path).new", path) == 0)
            #expect(await reader.next()?.bytes == Array("three\n".utf8))
            reader.finish()
            #expect(await reader.next() == nil)
        }
    }

    @Test func `a reader that is let go or cancelled ends`() async throws {
        try await withLog { path in
            try TextFile.write(line(1, "one"), to: path)
            var selection = LogSelection()
            selection.follows = true
            let reader = LogReader(path: path, selection: selection)
            #expect(await reader.next() != nil)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { #expect(await reader.next() == nil) }
                group.cancelAll()
            }
            reader.close()
            #expect(await reader.next() == nil)
            #expect(await read("\(path).missing").isEmpty)
        }
    }
}
