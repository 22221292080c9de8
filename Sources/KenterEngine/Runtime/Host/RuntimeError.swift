/// Why a container's process could not be made, started or reached, in a sentence for the user.
package struct RuntimeError: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The command does not exist in the container.
        case commandNotFound
        /// The command exists but cannot be executed.
        case commandNotExecutable
        /// The request itself is wrong, or this host cannot do it; nothing was changed.
        case refused
        /// The container has no process of ours, or not in the state the call needs.
        case notRunning
        /// A tool is missing, or the host failed.
        case failed
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// Docker's exit code for a command that never ran.
    package var exitCode: Int32 {
        switch kind {
        case .commandNotFound: 127
        case .commandNotExecutable: 126
        case .refused, .notRunning, .failed: 125
        }
    }

    /// What the OCI runtime said when it could not start `command`, in Docker's words where Docker has some.
    package init(starting command: String, action: String, runtimeSaid text: String) {
        let said = RuntimeError.firstLine(of: text)
        let lowercased = said.lowercased()
        let prefix = "OCI runtime \(action) failed: "
        if lowercased.contains("chdir") || lowercased.contains("cwd") {
            self.init(.commandNotExecutable, prefix + said)
        } else if lowercased.contains("executable file") && lowercased.contains("not found")
            || lowercased.contains("open executable: no such file")
        {
            let why =
                command.contains("/")
                ? "stat \(command): no such file or directory" : "executable file not found in $PATH"
            self.init(.commandNotFound, "\(prefix)exec: \"\(command)\": \(why)")
        } else if lowercased.contains("open executable: operation not permitted")
            || lowercased.contains("is a directory")
        {
            self.init(.commandNotExecutable, "\(prefix)exec: \"\(command)\": is a directory: permission denied")
        } else if lowercased.contains("open executable")
            || lowercased.contains("exec: ") && lowercased.contains("permission denied")
        {
            self.init(.commandNotExecutable, "\(prefix)exec: \"\(command)\": permission denied")
        } else if lowercased.contains("no such file or directory") && lowercased.contains("exec: \"") {
            self.init(.commandNotFound, "\(prefix)exec: \"\(command)\": stat \(command): no such file or directory")
        } else {
            self.init(.failed, prefix + (said.isEmpty ? "the runtime gave no reason" : said))
        }
    }

    /// The first line that says something: runtimes add traces below it, and runc dresses it up as a log line.
    private static func firstLine(of text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        guard line.hasPrefix("time="), let start = line.firstRange(of: "msg=\"")?.upperBound,
            let end = line.lastIndex(of: "\""), start <= end
        else { return String(line.prefix(1000)) }
        return String(line[start..<end].replacing("\\\"", with: "\"").prefix(1000))
    }
}
