import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging

extension ContainerService {
    /// Checks a running container's health until it ends; nothing is done for one without healthcheck.
    ///
    /// What earlier checks of this run have found is in the state: a new engine goes on from there.
    func watchHealth(_ id: String) {
        guard let container = try? reload(id),  // Removed meanwhile.
            let plan = HealthPlan(container.definition.config.healthcheck),
            let startedAt = container.state.startedAt
        else { return }
        let health = container.state.health ?? ContainerHealth(status: .starting)
        let course = HealthCourse(plan: plan, startedAt: startedAt, health: health)
        healthChecks.start(id) { [self] in await follow(id, course) }
    }

    private func follow(_ id: String, _ course: HealthCourse) async {
        var course = course
        var recordedAt: ContinuousClock.Instant?
        do {
            while true {
                try await Task.sleep(for: course.pause(now: .now))
                let container = try reload(id)
                guard container.state.status == .running else {
                    guard container.state.status == .paused else { return }
                    _ = try await conditions.wait(for: id) { try reload(id).state.status == .paused ? nil : true }
                    continue
                }
                guard let result = await check(container, course.plan) else { continue }
                // A check that was frozen with its container says nothing about it.
                guard try reload(id).state.status == .running else { continue }
                try Task.checkCancellation()
                let hasChanged = course.finished(result)
                // Each record is written to the disk: what says the same again can wait.
                if !hasChanged, let recordedAt, .now - recordedAt < .seconds(1) { continue }
                try record(course, of: id, hasChanged: hasChanged)
                recordedAt = .now
            }
        } catch is CancellationError {
            return
        } catch {
            log.error("cannot check a container's health", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    private func record(_ course: HealthCourse, of id: String, hasChanged: Bool) throws {
        let isCurrent = try store.write { transaction -> Bool in
            guard var record = try transaction.container(id: id), record.state.isRunning,
                record.state.startedAt == course.startedAt
            else { return false }
            record.state.health = course.health
            try transaction.setState(record.state, ofContainer: id)
            if hasChanged {
                _ = try transaction.append(
                    event: "container.health", id: id, name: record.name,
                    attributes: ["health": course.health.status.rawValue])
            }
            return true
        }
        guard isCurrent else { return }
        if hasChanged { journal.committed() }
        conditions.changed(id)
    }

    // MARK: one check

    /// `nil` when the container has ended meanwhile.
    private func check(_ container: ContainerRecord, _ plan: HealthPlan) async -> ContainerHealth.Result? {
        let startedAt = Timestamp.now
        guard let (code, output) = await outcome(container, plan) else { return nil }
        return ContainerHealth.Result(startedAt: startedAt, finishedAt: .now, exitCode: code, output: output)
    }

    private func outcome(_ container: ContainerRecord, _ plan: HealthPlan) async -> (code: Int, output: String)? {
        do {
            let process = try await execProcess(
                ContainerExec(container: container.id, command: plan.arguments), container)
            let executed = try await runtime.execute(process, in: container.id, hasInput: false)
            guard let ended = await Self.end(of: executed, within: plan.timeout) else {
                executed.killGroup()
                let limit = DurationText.text(seconds: plan.timeout / .seconds(1))
                return (-1, "Health check exceeded timeout (\(limit))")
            }
            return ended
        } catch let error as RuntimeError {
            return error.kind == .notRunning ? nil : (Int(error.exitCode), error.message)
        } catch {
            return (-1, EngineError.wire(error).message)
        }
    }

    /// The exit code and the beginning of the output; `nil` when the time is over, or the task is cancelled.
    private static func end(
        of executed: ExecutedProcess, within limit: Duration
    ) async -> (code: Int, output: String)? {
        await withTaskGroup(of: (code: Int, output: String)?.self) { group in
            group.addTask {
                var output: [UInt8] = []
                while let chunk = await executed.streams.next() {
                    output += chunk.bytes.prefix(HealthCourse.outputBytes - output.count)
                }
                guard let code = await executed.exitCode() else { return nil }
                return (Int(code), String(decoding: output, as: UTF8.self))
            }
            group.addTask {
                try? await Task.sleep(for: limit)  // Cancelled when the check was faster.
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

extension ExecutedProcess {
    /// Kills it with all that it has started: the runtime gives each later process a session, and so a group, of its own.
    fileprivate func killGroup() {
        if let process, process.isAlive {
            let group = getpgid(process.pid)
            if group > 1, group == getsid(process.pid), group != getpgrp() { kill(-group, SIGKILL) }
        }
        send(signal: SIGKILL)
    }
}
