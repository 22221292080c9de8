import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Logging
import Synchronization

/// One plugin: carries out what its lifecycle decides, and lets calls through while it runs.
actor SupervisedPlugin {
    /// Leave to make one call; to be given back.
    struct Admission: Sendable {
        let process: PluginProcess
    }

    static let longestLine = 1024

    nonisolated let file: PluginFile
    /// What was enabled; `nil` for a plugin that came with the engine.
    nonisolated let record: PluginRecord?
    private let settings: PluginSettings
    private let callbacks: PluginCallbacks
    private let startUp: PluginStartUp
    private let log: Logger
    private let output: PluginOutput
    private let shown: Mutex<PluginSummary>
    private let events: PluginEvents
    /// Calls that wait for the plugin to run, or for one of its calls to end.
    private let callers = WaitingLine<Admission>()
    /// Those who wait for any change of state.
    private let watchers = WaitingLine<Void>()

    private var lifecycle = PluginLifecycle()
    private var process: PluginProcess?
    private var callsInFlight = 0
    /// What it said the last time it was greeted; kept when it dies.
    private(set) var greeting: PluginGreeting?
    private var alarm: Task<Void, any Error>?
    private var exitTimeout: Duration

    init(
        _ file: PluginFile, _ record: PluginRecord?, _ settings: PluginSettings, _ callbacks: PluginCallbacks,
        log: Logger
    ) {
        self.file = file
        self.record = record
        self.settings = settings
        self.callbacks = callbacks
        var log = log
        log[metadataKey: "plugin"] = "\(file.name)"
        self.log = log
        startUp = PluginStartUp(
            start: PluginStart(file: file, record: record, trust: settings.trust), settings: settings,
            callbacks: callbacks, log: log)
        output = PluginOutput(log: log, clock: settings.clock)
        events = PluginEvents(log: log, clock: settings.clock)
        exitTimeout = settings.exitTimeout
        shown = Mutex(
            PluginSummary(
                name: file.name, path: file.path, isShipped: !file.isForeign, digest: record?.file?.digest,
                remark: record?.file?.isScript == true
                    ? "a script: modules that it imports are not covered by the digest" : nil,
                grantedVariables: record?.grantedVariables ?? [], state: .starting,
                since: Timestamp.now.description, restartCount: 0))
    }

    /// As it is now, without waiting for anything.
    nonisolated var summary: PluginSummary {
        var summary = shown.withLock { $0 }
        summary.lastStderr = output.lastLines
        return summary
    }

    var state: PluginLifecycle.State { lifecycle.state }

    func start() { handle(.start) }

    // MARK: calls

    /// Calls the plugin, once it runs and has room; all of that before the deadline.
    func call<M: RPCMethod>(_ method: M, timeout: Duration) async throws -> M.Result {
        let deadline = ContinuousClock.now + timeout
        let admission = try await admit(M.name, until: deadline)
        defer { giveBack(admission) }
        return try await admission.process.call(method, timeout: max(.zero, deadline - .now))
    }

    private func admit(_ method: String, until deadline: ContinuousClock.Instant) async throws -> Admission {
        // Its end may be known here before the news of it.
        if let process, let ending = process.ended { ended(process, ending) }
        if let refusal = lifecycle.state.refusal(of: file.name) { throw refusal }
        if let admission = nextAdmission(), callers.count == 0 {
            callsInFlight += 1
            return admission
        }
        guard callers.count < Self.longestLine else {
            throw RPCError(.overloaded, "more than \(Self.longestLine) calls wait for plugin '\(file.name)': try again")
        }
        let late = RPCError(.timeout, "plugin '\(file.name)' did not get to \(method) in time")
        let cancelled = RPCError(.cancelled, "\(method) was cancelled")
        let place = callers.join()
        return try await callers.wait(at: place, until: deadline, late: late, cancelled: cancelled)
    }

    private func nextAdmission() -> Admission? {
        guard case .running = lifecycle.state, let process, let greeting, callsInFlight < greeting.concurrency else {
            return nil
        }
        return Admission(process: process)
    }

    private func giveBack(_ admission: Admission) {
        guard admission.process === process else { return }
        callsInFlight -= 1
        serveCallers()
    }

    private func serveCallers() {
        while let admission = nextAdmission(), callers.serve(admission) { callsInFlight += 1 }
    }

    /// Waits until it has said what it is, or does not start any more.
    func settle(until deadline: ContinuousClock.Instant) async throws {
        while greeting == nil, lifecycle.state.isBeginning { try await change(watchers.join(), until: deadline) }
    }

    /// Waits until it runs, or does not any more.
    func settleForGood(until deadline: ContinuousClock.Instant) async throws {
        while lifecycle.state.isBeginning { try await change(watchers.join(), until: deadline) }
    }

    private func change(_ place: WaitingLine<Void>.Place, until deadline: ContinuousClock.Instant) async throws {
        let late = RPCError(.timeout, "plugin '\(file.name)' did not start in time")
        let cancelled = RPCError(.cancelled, "waiting for plugin '\(file.name)' was cancelled")
        try await watchers.wait(at: place, until: deadline, late: late, cancelled: cancelled)
    }

    // MARK: orders

    /// Ends it, starts it again and waits until it runs.
    func restart(timeout: Duration) async throws {
        let deadline = ContinuousClock.now + timeout
        handle(.restart)
        while lifecycle.state != .running {
            if let refusal = lifecycle.state.refusal(of: file.name) { throw refusal }
            try await change(watchers.join(), until: deadline)
        }
    }

    /// Ends it for good; returns once its process is gone.
    func stop(within deadline: Duration) async {
        exitTimeout = min(exitTimeout, deadline)
        handle(.stop)
        do {
            // Longer than both of the plugin's deadlines, since force comes first; it never lasts that long.
            while lifecycle.state != .stopped {
                try await change(watchers.join(), until: .now + deadline * 2 + .seconds(10))
            }
        } catch {
            log.error("plugin did not end", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: life

    private func handle(_ event: PluginLifecycle.Event) {
        let before = lifecycle.state
        let actions = lifecycle.event(event)
        if lifecycle.state != before { show(lifecycle.state) }
        for action in actions { perform(action) }
        watchers.serveAll(())
    }

    private func show(_ state: PluginLifecycle.State) {
        let (restartCount, pid) = (lifecycle.restartCount, process.flatMap { $0.pid > 0 ? Int($0.pid) : nil })
        let (version, roles) = (greeting?.version, greeting?.roles.keys.map(\.rawValue).sorted() ?? [])
        shown.withLock { shown in
            if shown.state != state.shown { shown.since = Timestamp.now.description }
            shown.state = state.shown
            shown.reason = state.reason
            shown.pid = pid
            shown.version = version
            shown.roles = roles
            shown.restartCount = restartCount
        }
    }

    private func perform(_ action: PluginLifecycle.Action) {
        switch action {
        case .spawn: spawn()
        case .perform(let step): if let process { perform(step, with: process) }
        case .end: end()
        case .wake(let delay, let number): wake(after: delay, number)
        case .admit: serveCallers()
        case .refuse:
            if let refusal = lifecycle.state.refusal(of: file.name) { callers.failAll(refusal) }
        }
    }

    private func spawn() {
        alarm?.cancel()
        alarm = nil
        output.begin()
        do {
            let executable = try startUp.start.open()
            let directory = try PluginStateDirectory.make(file.name, in: settings.stateDirectory)
            let process = try startUp.start.run(executable, stateDirectory: directory, output: output) {
                [events, callbacks, file] event in
                if let event = events.admit(event) { callbacks.event(file.name, event) }
            }
            self.process = process
            // Unstructured because the actor must stay free meanwhile; it ends with the process.
            Task {
                let ending = await process.ending()
                ended(process, ending)
            }
            show(lifecycle.state)
            perform(.hello, with: process)
        } catch let refusal as PluginRefusal {
            log.error("plugin refused", metadata: ["reason": "\(refusal)"])
            handle(.refused(reason: refusal.reason))
        } catch {
            handle(.died(reason: "could not be started: \(error)", at: settings.clock.now()))
        }
    }

    private func ended(_ process: PluginProcess, _ ending: PluginEnding) {
        guard self.process === process else { return }
        self.process = nil
        callsInFlight = 0
        if ending.cause != .asked {
            log.warning("plugin died", metadata: ["pid": "\(process.pid)", "reason": "\(ending.reason)"])
        }
        handle(.died(reason: ending.reason, at: settings.clock.now()))
        if case .failed(let reason) = lifecycle.state {
            log.error("plugin has failed and stays down", metadata: ["reason": "\(reason)"])
        }
    }

    private func end() {
        guard let process else { return handle(.died(reason: "was not running", at: settings.clock.now())) }
        let deadline = exitTimeout
        // Unstructured because the actor must stay free meanwhile; bounded by the deadline, after which it kills.
        Task { await process.finish(within: deadline) }
    }

    private func wake(after delay: Duration, _ number: Int) {
        // Unstructured because nobody waits for it; a restart or a stop cancels or ignores it.
        alarm = Task {
            try await settings.clock.sleep(delay)
            self.handle(.woke(number: number))
        }
    }

    private func perform(_ step: PluginLifecycle.Step, with process: PluginProcess) {
        // Unstructured because the actor must stay free meanwhile; its calls end with their deadline or the process.
        Task {
            do {
                switch step {
                case .hello:
                    let greeting = try await startUp.greet(process)
                    if isStarting(process) { welcome(greeting) }
                case .configure:
                    try await startUp.configure(process, greeting)
                    if isStarting(process) { handle(.stepDone) }
                case .reconcile:
                    let result = try await startUp.reconcile(process)
                    guard isStarting(process), let greeting else { return }
                    handle(.stepDone)
                    let roles = greeting.roles.keys.sorted { $0.rawValue < $1.rawValue }
                    await callbacks.reconciled(file.name, roles, result)
                }
            } catch let refusal as PluginRefusal {
                if isStarting(process) { handle(.refused(reason: refusal.reason)) }
            } catch {
                // Its death is what brings the lifecycle on; one that is dead already stays so.
                process.end(.failure("failed to start: \(error)"))
            }
        }
    }

    private func isStarting(_ process: PluginProcess) -> Bool {
        if case .starting = lifecycle.state { self.process === process } else { false }
    }

    private func welcome(_ greeting: PluginGreeting) {
        self.greeting = greeting
        events.announce(greeting.events)
        handle(.stepDone)
    }
}
