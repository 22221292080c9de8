import Glibc
import JSONRPC
import KenterSchema

/// The files made from the wire's types, below a directory of documentation.
struct ReferenceFiles {
    private let directory: String
    /// Path below the directory → text.
    private let texts: [String: String]
    private let contracts: [Contract]

    /// What others have been promised, in a file that only grows.
    private struct Contract {
        var path: String
        var document: JSONObject
        var caller: APICompatibility.Caller
    }

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
        contracts = [
            Contract(path: "api/level-\(EngineAPI.level).json", document: engine, caller: .client),
            Contract(path: "api/plugin-level-\(EngineAPI.level).json", document: plugin, caller: .engine),
        ]
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

    /// Writes the frozen documents anew, unless that would take back what one of them promises.
    func freeze() throws {
        for contract in contracts {
            guard let text = read(contract.path) else { continue }
            guard let old = try JSONScanner.scan(text.utf8, limits: JSONLimits(tokens: 2_000_000)).object else {
                throw BrokenPromise(path: contract.path, breaks: ["it holds no document"])
            }
            let breaks = APICompatibility.breaks(from: old, to: contract.document, calledBy: contract.caller)
            guard breaks.isEmpty else { throw BrokenPromise(path: contract.path, breaks: breaks) }
        }
        for contract in contracts { try write(PrettyJSON.text(.object(contract.document)), to: contract.path) }
    }

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

/// A document that would break whoever was written for the frozen one.
struct BrokenPromise: Error, CustomStringConvertible {
    let path: String
    let breaks: [String]
    var description: String { "\(path) is frozen, and only additions are allowed: \(breaks.joined(separator: "; "))" }
}
