public import ChildProcess

/// What a command-line tool answered.
public struct CommandResult: Sendable, CustomStringConvertible {
    /// The whole command line, for messages.
    public var command: [String]
    /// The exit code, or 128 + the signal that killed it.
    public var exit: Int32
    public var output: String
    public var errors: String

    public var description: String {
        "`\(command.joined(separator: " "))` exited with \(exit)\noutput: \(output)\nerrors: \(errors)"
    }

    /// The output without the newline at its end.
    public var line: String { output.hasSuffix("\n") ? String(output.dropLast()) : output }

    /// The output's lines, without an empty last one.
    public var lines: [String] {
        line.isEmpty ? [] : line.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// A tool did what its caller did not expect.
public struct CommandFailure: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}

/// Runs tools and collects what they say; every one has a deadline, so that no test hangs.
public enum Command {
    /// Runs a tool to its end; `arguments[0]` is a path or the name of an installed tool.
    ///
    /// Past the deadline the tool is killed and the exit code is 137.
    public static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String] = ["PATH=\(ChildProcess.searchPath)"],
        workingDirectory: String? = nil, within deadline: Duration = .seconds(60)
    ) async throws -> CommandResult {
        guard let name = arguments.first, let tool = name.hasPrefix("/") ? name : ChildProcess.find(name) else {
            throw CommandFailure("\(arguments.first ?? "an empty command") is not installed: run `make deps`")
        }
        let process = ChildProcess(
            tool, Array(arguments.dropFirst()), environment: environment, workingDirectory: workingDirectory)
        let collected = try await withThrowingTaskGroup(of: Collected?.self) { group in
            group.addTask { try await process.collect(input: input, limitBytes: 16 << 20) }
            group.addTask {
                try? await Task.sleep(for: deadline)  // Cancellation only means that the tool was faster.
                return nil
            }
            defer { group.cancelAll() }
            if let first = try await group.next(), let first { return first }
            group.cancelAll()
            while let late = try await group.next() { if let late { return late } }
            throw CommandFailure("`\(arguments.joined(separator: " "))` could not be collected")
        }
        return CommandResult(
            command: arguments, exit: collected.status.code,
            output: String(decoding: collected.standardOutput, as: UTF8.self),
            errors: String(decoding: collected.standardError, as: UTF8.self))
    }

    /// Runs a tool that must succeed.
    @discardableResult
    public static func succeed(_ arguments: [String], within deadline: Duration = .seconds(60)) async throws
        -> CommandResult
    {
        let result = try await run(arguments, within: deadline)
        guard result.exit == 0 else { throw CommandFailure(result.description) }
        return result
    }
}
