import Glibc
@testable import KenterEngine
import TestSupport
import Testing

/// What becomes of a container's output when its monitor ends at an unlucky moment.
@Suite struct StreamPumpTests {
    /// A monitor's socket and log in a directory of their own.
    private struct Monitor {
        let directory = "/tmp/k\(UInt32.random(in: 0...0xffffff))p"
        let listener: Int32
        var log: String { "\(directory)/log" }

        init() throws {
            mkdir(directory, 0o700)
            listener = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(directory)/attach".utf8)) }
            let isListening = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(listener, 10) == 0
                }
            }
            guard isListening else { throw CommandFailure("no socket in \(directory)") }
            try TextFile.write("2026-11-24T02:39:41.493603229+00:00 stdout F before\n", to: log)
        }

        func attach() -> ProcessStreams {
            let mark = LogMark(endOf: log)
            return ProcessStreams(
                pump: StreamPump(
                    .packets(LocalSocket.connectPackets(to: "attach", in: directory), log: mark)))
        }

        func remove() {
            for name in ["attach", "log"] { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
    }

    private func all(of streams: ProcessStreams) async -> [String] {
        var seen: [String] = []
        while let chunk = await streams.next() {
            let channel = chunk.channel == .standardOutput ? "out" : "err"
            seen.append("\(channel) \(String(decoding: chunk.bytes, as: UTF8.self))")
        }
        return seen
    }

    @Test func `what a monitor never sent is read from its log`() async throws {
        let monitor = try Monitor()
        defer { monitor.remove() }
        let streams = monitor.attach()
        let before = TextFile.read(monitor.log)
        try TextFile.write(
            before + """
                2026-11-24T02:39:41.493603229+00:00 stdout F out
                2026-11-24T02:39:41.493603230+00:00 stderr P err

                """, to: monitor.log)
        // It ends without having accepted anybody.
        close(monitor.listener)
        #expect(await all(of: streams) == ["out out\n", "err err"])
    }

    @Test func `what a monitor sent is read, whatever it had not read itself`() async throws {
        let monitor = try Monitor()
        defer { monitor.remove() }
        let streams = monitor.attach()
        await streams.send(Array("input that nobody reads".utf8))
        let connection = accept(monitor.listener, nil, nil)
        var count: Int32 = 0
        #expect(await eventually { ioctl(connection, UInt(FIONREAD), &count) == 0 && count > 0 })
        for text in ["\u{2}out\n", "\u{3}err\n"] {
            let bytes = Array(text.utf8)
            #expect(write(connection, bytes, bytes.count) == bytes.count)
        }
        try TextFile.write("2026-11-24T02:39:41.493603229+00:00 stdout F out\n", to: monitor.log)
        close(connection)
        close(monitor.listener)
        #expect(await all(of: streams) == ["out out\n", "err err\n"])
    }
}
