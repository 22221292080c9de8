import CLinux
import Glibc

/// `-e` and `--env-file`.
enum EnvironmentOption {
    /// The entries of the files, then those given one by one.
    static func variables(
        files: [String], entries: [String], environment: (String) -> String?
    ) throws(OptionError) -> [String] {
        var variables: [String] = []
        for path in files {
            guard let text = TextFile.read(path) else {
                throw OptionError("open \(path): \(String(cString: strerror(errno)))")
            }
            variables += try fromFile(text, environment: environment)
        }
        for entry in entries {
            guard !entry.isEmpty, !entry.hasPrefix("=") else {
                throw OptionError(entry, for: "-e, --env", "invalid environment variable: \(entry)")
            }
            if entry.contains("=") {
                variables.append(entry)
            } else {
                // Unset here: the bare name takes a variable of the image or of a link away.
                variables.append(environment(entry).map { "\(entry)=\($0)" } ?? entry)
            }
        }
        return variables
    }

    /// Lines `NAME=VALUE`, or `NAME` for a variable to pass on; blank lines and those that begin with `#` are skipped.
    static func fromFile(_ text: String, environment: (String) -> String?) throws(OptionError) -> [String] {
        var variables: [String] = []
        for rawLine in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
            let line = rawLine.drop { $0 == " " || $0 == "\t" }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let name = line.prefix { $0 != "=" }
            if name.isEmpty { throw OptionError("no variable name on line '\(line)'") }
            if name.contains(where: { $0 == " " || $0 == "\t" }) {
                throw OptionError("variable '\(name)' contains whitespaces")
            }
            if name.endIndex < line.endIndex {
                variables.append(String(line))
            } else if let value = environment(String(name)) {
                variables.append("\(name)=\(value)")
            }
        }
        return variables
    }
}

/// Small files of the user's.
enum TextFile {
    /// The file's text; `nil` with errno when it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
