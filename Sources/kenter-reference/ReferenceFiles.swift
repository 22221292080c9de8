import Glibc
import JSONRPC
import KenterSchema

/// The files made from the wire's types, below a directory of documentation.
struct ReferenceFiles {
    private let directory: String
    /// Path below the directory → text.
    private let texts: [String: String]
    private let frozen: (path: String, text: String)

    /// The product's version changes more often than its API, and has no place in what is compared.
    private static let version = "\(EngineAPI.level)"

    init(directory: String) throws {
        self.directory = directory
        let engine = try EngineAPI.document(version: Self.version)
        let plugin = try EngineAPI.pluginDocument(version: Self.version)
        var texts: [String: String] = [
            "api/openrpc.json": PrettyJSON.text(.object(engine)),
            "api/plugin.openrpc.json": PrettyJSON.text(.object(plugin)),
        ]
        for (name, text) in ReferencePages(engine).pages { texts["reference/\(name)"] = text }
        self.texts = texts
        frozen = ("api/level-\(EngineAPI.level).json", PrettyJSON.text(.object(engine)))
    }

    /// Files that are not as they would be written, and those that would not be written at all.
    var behind: [String] {
        let stale = texts.filter { read($0.key) != $0.value }.map(\.key)
        let strange = names(in: "reference").map { "reference/\($0)" }.filter { texts[$0] == nil }
        return (stale + strange).sorted()
    }

    func write() throws {
        for name in ["", "reference", "api"] { mkdir("\(directory)/\(name)", 0o755) }
        for (path, text) in texts { try write(text, to: path) }
        for name in names(in: "reference") where texts["reference/\(name)"] == nil {
            unlink("\(directory)/reference/\(name)")
        }
    }

    func freeze() throws { try write(frozen.text, to: frozen.path) }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen("\(directory)/\(path)", "w") else { throw ReferenceError(path: path, code: errno) }
        fputs(text, file)
        guard fclose(file) == 0 else { throw ReferenceError(path: path, code: errno) }
    }

    private func read(_ path: String) -> String? {
        guard let file = fopen("\(directory)/\(path)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func names(in folder: String) -> [String] {
        guard let stream = opendir("\(directory)/\(folder)") else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

struct ReferenceError: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
}
