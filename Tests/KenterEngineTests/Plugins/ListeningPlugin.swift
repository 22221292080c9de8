import ChildProcess
import Glibc
import TestSupport

/// A plugin that somebody else has started: Tests/Fixtures/plugins/listens on a free port.
final class ListeningPlugin: Sendable {
    let address: String
    private let pid: Int32

    init(secretPath: String) throws {
        let output = Pipe()
        pid = try ChildProcess(
            BuildProducts.fixture("plugins/listens"), [secretPath], descriptors: [1: output.writing, 2: 2]
        ).spawn()
        close(output.writing)
        defer { close(output.reading) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(output.reading, &buffer, buffer.count)
        address = String(decoding: buffer[..<max(0, count)], as: UTF8.self).filter { $0 != "\n" }
    }

    func end() {
        kill(pid, SIGKILL)
        _ = ExitStatus.wait(for: pid)
    }
}
