import ChildProcess
import Glibc

/// Tools of the system that the kit looks with.
enum Tool {
    /// Runs an installed tool to its end; `nil` when it is not installed or fails.
    static func run(_ words: [String], in directory: String? = nil) -> String? {
        guard let path = ChildProcess.find(words[0]) else { return nil }
        let pipe = Pipe()
        guard pipe.isOpen else { return nil }
        var process = ChildProcess(path, Array(words.dropFirst()), workingDirectory: directory)
        process.descriptors = [1: pipe.writing]
        let started: Int32?
        do throws(SpawnError) { started = try process.spawn() } catch { started = nil }
        close(pipe.writing)
        defer { close(pipe.reading) }
        guard let started else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(pipe.reading, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        guard ExitStatus.wait(for: started) == .exited(0) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What a network plugin may leave in a host's network namespace.
struct HostNetwork: Equatable {
    var lines: Set<String>

    var devices: HostNetwork { HostNetwork(lines: lines.filter(Self.isDevice)) }
    /// Routes count among them.
    var rules: HostNetwork { HostNetwork(lines: lines.filter { !Self.isDevice($0) }) }

    private static func isDevice(_ line: String) -> Bool { line.hasPrefix("device ") }

    /// As it is now in the thread's namespace; without what the kernel changes by itself, in its own time.
    static func now() throws(CheckEnd) -> HostNetwork {
        var lines: Set<String> = []
        for line in try answer(["ip", "-brief", "link"]) {
            lines.insert("device \(line.prefix { $0 != " " && $0 != "@" })")
        }
        let questions = [
            ["ip", "route", "show", "table", "all"], ["ip", "-6", "rule"], ["ip", "rule"],
            ["nft", "--stateless", "list", "ruleset"],
        ]
        for question in questions {
            for line in try answer(question) where !isOfItsDevice(line) {
                let words = line.split(separator: " ").filter { $0 != "linkdown" }
                lines.insert("\(question[0]): \(words.joined(separator: " "))")
            }
        }
        return HostNetwork(lines: lines)
    }

    private static func answer(_ question: [String]) throws(CheckEnd) -> [Substring] {
        guard let answer = Tool.run(question) else {
            throw .skipped("needs '\(question.joined(separator: " "))' to look with")
        }
        return answer.split(separator: "\n")
    }

    /// Routes of link-local addresses and multicast come some time after their device, and go with it.
    private static func isOfItsDevice(_ line: Substring) -> Bool {
        line.contains("proto kernel") && (line.contains("fe80:") || line.contains("ff00::/8"))
    }

    /// What is there now and was not there before.
    func added(since before: HostNetwork) -> String? { lines.subtracting(before.lines).min() }

    func expectNothing(since before: HostNetwork) throws(CheckEnd) {
        if let line = added(since: before) { throw .failed("left: \(line)") }
    }
}
