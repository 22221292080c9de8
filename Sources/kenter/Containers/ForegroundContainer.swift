import CLinux
import Glibc
import JSONRPC
import KenterClient
import KenterProtocol

/// A container whose output is shown here until it exits.
struct ForegroundContainer {
    let client: EngineClient
    /// Its id or name.
    let container: String
    let hasTerminal: Bool
    let takesInput: Bool

    /// Why it did not start.
    struct StartFailure: Error {
        var cause: any Error
    }

    /// Signals that are passed on instead of ending this process.
    private static let forwarded: [Int32] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT]

    /// Starts it and returns its exit code. It is attached to first, so that no output is lost and the exit code is that
    /// of this run. Throws ``StartFailure`` when it did not start.
    func startToExit() async throws -> Int32 {
        // With a terminal they end this process: see ``RawMode``.
        if !hasTerminal { SignalPipe.hold(Self.forwarded) }
        let (attachment, streams) = attach()
        // Unstructured because output comes while this goes on; awaited in `exitCode`.
        let output = Task.immediate { try await streams.copyOutput() }
        streams.followSize()
        // Before anything is written: a container's terminal ends its lines for a raw one.
        if hasTerminal && takesInput { RawMode.enter() }
        do {
            _ = try await client.call(ContainerStart(container: container))
        } catch {
            RawMode.leave()
            attachment.cancel()
            throw StartFailure(cause: error)
        }
        interact(streams)
        return try await exitCode(attachment, output)
    }

    /// Shows what it writes from now on, and returns its exit code.
    func attachToExit() async throws -> Int32 {
        // With a terminal they end this process: see ``RawMode``.
        if !hasTerminal { SignalPipe.hold(Self.forwarded) }
        let (attachment, streams) = attach()
        // Unstructured because output comes while this goes on; awaited in `exitCode`.
        let output = Task.immediate { try await streams.copyOutput() }
        streams.followSize()
        if hasTerminal && takesInput { RawMode.enter() }
        interact(streams)
        return try await exitCode(attachment, output)
    }

    private func exitCode(
        _ attachment: Task<ContainerAttach.Result, any Error>, _ output: Task<Void, any Error>
    ) async throws -> Int32 {
        let attached = await attachment.result
        // What was written before the engine went away, or broke its own rules, has been shown.
        _ = await output.result
        RawMode.leave()
        return Int32(truncatingIfNeeded: try attached.get().exitCode)
    }

    private func attach() -> (Task<ContainerAttach.Result, any Error>, StandardStreams) {
        let stream = client.openStream()
        let request = ContainerAttach(container: container, stream: stream.id, stdin: takesInput)
        // Unstructured because the request has to leave before the container starts; callers await it.
        let task = Task.immediate { try await client.call(request, over: stream) }
        return (task, StandardStreams(stream: stream, hasTerminal: hasTerminal))
    }

    private func interact(_ streams: StandardStreams) {
        streams.repeatSize()
        if takesInput {
            // Unstructured because it waits for a key that may never come; it ends with this process.
            Task { await streams.copyInput() }
        }
        if hasTerminal { return }
        SignalPipe.handle(Self.forwarded) { signal in
            // Unstructured because signals come whenever they like; one that comes too late is none any more.
            Task { _ = try? await client.call(ContainerKill(containers: [container], signal: "\(signal)")) }
        }
    }
}
