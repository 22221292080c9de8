import Glibc
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

struct LinkFilesTests {
    private let directory: TemporaryDirectory
    private let files: LinkFiles

    init() throws {
        directory = try TemporaryDirectory()
        files = LinkFiles(directory: directory.file("links"))
        try files.create()
    }

    private func read(_ path: String) -> String { TextFile.read(directory.file("links/\(path)")) }
    private func names(_ path: String) -> [String] { TextFile.names(in: directory.file("links/\(path)")).sorted() }
    private func file(_ path: String, _ content: String, _ mode: String = "0444") -> LinkFile {
        LinkFile(path: path, mode: mode, content: content)
    }

    @Test func `files appear with their content and mode`() throws {
        try files.set([file("host", "172.17.0.2"), file("tls/key", "k", "0440")], alias: "db")
        #expect(read("db/host") == "172.17.0.2")
        #expect(read("db/tls/key") == "k")
        var status = stat()
        #expect(stat(directory.file("links/db/host"), &status) == 0 && status.st_mode & 0o777 == 0o444)
        #expect(stat(directory.file("links/db/tls/key"), &status) == 0 && status.st_mode & 0o777 == 0o440)
    }

    @Test func `another version replaces the whole set at once, and leaves nothing of the old one`() throws {
        try files.set([file("host", "1"), file("gone", "x")], alias: "db")
        try files.set([file("host", "2"), file("port", "80")], alias: "db")
        #expect(read("db/host") == "2")
        #expect(read("db/port") == "80")
        #expect(names("db").filter { !$0.hasPrefix("..") } == ["host", "port"])
        #expect(names("db").filter { $0.hasPrefix("..") }.count == 2)
    }

    @Test func `the same files again touch nothing`() throws {
        try files.set([file("host", "1")], alias: "db")
        let before = names("db")
        try files.set([file("host", "1")], alias: "db")
        #expect(names("db") == before)
        try files.set([file("host", "1", "0440")], alias: "db")
        #expect(names("db") != before)
    }

    @Test func `a reader never sees half of a version`() async throws {
        let files = files
        func version(_ number: Int) -> [LinkFile] {
            [file("a/one", "\(number)"), file("a/two", "\(number)")]
        }
        try files.set(version(0), alias: "db")
        let versions = (1...200).map(version)
        let path = directory.file("links/db/..data")
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                for version in versions { try files.set(version, alias: "db") }
                return 0
            }
            group.addTask {
                var broken = 0
                for _ in 0..<400 {
                    // One version, held by its directory as a process in a container would.
                    let data = open(path, O_RDONLY | O_DIRECTORY)
                    defer { close(data) }
                    func content(_ name: String) -> String? {
                        let descriptor = openat(data, name, O_RDONLY)
                        guard descriptor >= 0 else { return nil }
                        defer { close(descriptor) }
                        var buffer = [UInt8](repeating: 0, count: 16)
                        let count = Glibc.read(descriptor, &buffer, 16)
                        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
                    }
                    // A version may be cleaned up meanwhile; what is there must be whole.
                    if let one = content("a/one"), let two = content("a/two"), one != two { broken += 1 }
                }
                return broken
            }
            for try await broken in group { #expect(broken == 0) }
        }
        #expect(read("db/a/one") == "200")
    }

    @Test func `no files, or a removed link, leave no directory`() throws {
        try files.set([file("host", "1")], alias: "db")
        try files.set([file("host", "1")], alias: "cache")
        try files.set([], alias: "db")
        #expect(names("") == ["cache"])
        try files.remove(alias: "cache")
        try files.remove(alias: "never-there")
        #expect(names("") == [])
    }
}
