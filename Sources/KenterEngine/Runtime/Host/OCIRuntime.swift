import ChildProcess
import CLinux
import Glibc
import KenterState

/// The program that makes containers: crun, or runc where crun is absent.
struct OCIRuntime: Sendable, Equatable {
    enum Kind: String, Sendable {
        case crun
        case runc
    }

    var kind: Kind
    /// The runtime's own executable.
    var path: String
    var version: [Int]
    /// kenter-runtime, which supervises later processes.
    var wrapperPath: String
    /// Whether every call goes through it: neither runtime can bear a hybrid cgroup tree (crun refuses it, runc loses its
    /// own groups in it).
    var isWrapped: Bool
    /// Where it keeps what it knows of containers, apart from other engines.
    var stateDirectory: String

    /// The installed runtime. Fails with what to install when there is none, or no wrapper where one is needed.
    static func find(layout: CgroupLayout, wrapperPath: String, stateDirectory: String) async throws(RuntimeError)
        -> OCIRuntime
    {
        guard let (kind, path) = installed() else {
            throw RuntimeError(.failed, "neither crun nor runc is installed: install the package 'crun'")
        }
        guard access(wrapperPath, X_OK) == 0 else {
            throw RuntimeError(.failed, "\(wrapperPath) is missing: install Kenter again")
        }
        let answer: Collected
        do {
            answer = try await ChildProcess(path, ["--version"]).collect(limitBytes: 4096)
        } catch {
            throw RuntimeError(.failed, error.description)
        }
        let text = String(decoding: answer.standardOutput, as: UTF8.self)
        return OCIRuntime(
            kind: kind, path: path, version: versionNumbers(in: text), wrapperPath: wrapperPath,
            isWrapped: layout.version == .hybrid, stateDirectory: stateDirectory)
    }

    private static func installed() -> (Kind, String)? {
        for kind in [Kind.crun, .runc] {
            if let path = ChildProcess.find(kind.rawValue) { return (kind, path) }
        }
        return nil
    }

    /// The first dotted number: `crun version 1.8.1` is [1, 8, 1].
    static func versionNumbers(in text: String) -> [Int] {
        let word = text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true && $0.contains(".") }
        return (word ?? "").split { !$0.isNumber }.prefix(3).compactMap { Int($0) }
    }

    /// Whether it takes a filter that is already compiled (crun since 0.17; runc never).
    var takesCompiledFilter: Bool { kind == .crun && !version.lexicographicallyPrecedes([1]) }

    /// Whether a created container waits on the other end of `exec.fifo` in its state directory.
    var startsByFifo: Bool { kind == .crun && version.first == 1 }

    /// The executable that conmon calls, and the arguments before the runtime's own verb.
    var invocation: (executable: String, arguments: [String]) {
        let state = ["--root", stateDirectory]
        return isWrapped ? (wrapperPath, [path] + state) : (path, state)
    }

    /// A call of `exec` with `--detach` and this pid file, whose parent waits for the process it starts.
    func supervised(_ arguments: [String], processFile: String) -> ChildProcess {
        ChildProcess(wrapperPath, ["--supervise", processFile, path, "--root", stateDirectory] + arguments)
    }

    /// A call of the runtime.
    func command(_ arguments: [String]) -> ChildProcess {
        ChildProcess(invocation.executable, invocation.arguments + arguments)
    }

    /// Runs the runtime to its end; what it says on failure is the error.
    func run(_ arguments: [String], action: String) async throws(RuntimeError) {
        let answer: Collected
        do {
            answer = try await command(arguments).collect(limitBytes: 16_384) { pid in
                CrashPoint.reach("while the runtime does: \(action)", tool: pid)
            }
        } catch {
            throw RuntimeError(.failed, error.description)
        }
        guard answer.status == .exited(0) else {
            throw RuntimeError(starting: "", action: action, runtimeSaid: answer.message)
        }
    }
}
