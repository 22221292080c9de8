import CLinux
import Glibc
import JSONRPC
import KenterProtocol

/// What a check works with: directories and processes of its own, and what is known of the plugin.
final class Bench {
    let kit: ConformanceKit
    var sandbox: Sandbox?
    let transcript = Transcript()
    /// Rules that were seen broken in passing, one of each.
    private(set) var violations: [Violation] = []
    /// What the plugin said of itself; known once the first check has passed.
    var greeting: PluginHello.Result?
    /// What the link provider said it takes and makes, and its plans of ``LinkSamples``; known once it has made them.
    var describedOptions = JSONObject()
    var describedProducts = ProviderLinkDescribe.Products()
    var plans: [(request: ProviderLinkPlan, plan: LinkPlan)] = []
    /// What grew while calls were repeated; measured once.
    var growth: LeakChecks.Growth?
    /// Of the check that is being made: holds its state directories.
    private(set) var directory = ""
    private let workspace: String
    private var sessions: [PluginSession] = []
    private var checkCount = 0
    /// Files of the kit's own, beside the state directories.
    private var ownNames: Set<String> = []

    init(_ kit: ConformanceKit, sandbox: Sandbox?) {
        self.kit = kit
        self.sandbox = sandbox
        workspace = "/tmp/kenter-check-\(String(UInt64.random(in: 0...0xffff_ffff_ffff), radix: 16))"
        mkdir(workspace, 0o700)
    }

    func remove() { Files.remove(workspace) }

    func begin() {
        checkCount += 1
        directory = "\(workspace)/\(checkCount)"
        ownNames = []
        mkdir(directory, 0o700)
        transcript.clear()
    }

    func end() {
        for session in sessions { session.abandon() }
        sessions = []
        let strange = Files.names(in: directory).filter { !ownNames.contains($0) }
        if let name = strange.min() {
            note(
                Violation(
                    check: "files.inside", text: "'\(name)' appeared beside its state directory",
                    lines: transcript.lines))
        }
        Files.remove(directory)
    }

    func note(_ violation: Violation) {
        guard !violations.contains(where: { $0.check == violation.check }) else { return }
        var violation = violation
        if violation.lines.isEmpty { violation.lines = transcript.lines }
        violations.append(violation)
    }

    // MARK: the plugin

    func plays(_ role: String) -> Bool {
        greeting?.roles[role] != nil && (kit.roles.isEmpty || kit.roles.contains(role))
    }

    func has(_ capability: String, of role: String) -> Bool {
        greeting?.roles[role]?.capabilities?.contains(capability) ?? false
    }

    // MARK: directories

    /// A path for something of the kit's own.
    func path(_ name: String) -> String {
        ownNames.insert(name)
        return "\(directory)/\(name)"
    }

    /// The state directory of that name; made where missing.
    func stateDirectory(_ name: String = "state") -> String {
        let path = path(name)
        mkdir(path, 0o700)
        return path
    }

    // MARK: processes

    /// Starts the plugin; nothing has been said to it yet.
    func start(_ state: String = "state", through command: [String] = []) throws(CheckEnd) -> PluginSession {
        let session = try PluginSession(
            command + [kit.executable], in: stateDirectory(state), transcript, timeout: kit.answerTimeout
        ) { [weak self] violation in self?.note(violation) }
        session.announcedEvents = Set(greeting?.events ?? [])
        sessions.append(session)
        return session
    }

    /// Starts the plugin and says hello.
    func greeted(_ state: String = "state") throws(CheckEnd) -> PluginSession {
        let session = try start(state)
        _ = try session.succeed(Self.hello())
        return session
    }

    /// Starts the plugin and brings it to where it takes calls; an engine that knows of nothing would clean.
    func ready(_ state: String = "state", reconciling: ProviderReconcile? = nil) throws(CheckEnd) -> PluginSession {
        let session = try greeted(state)
        let configure = PluginConfigure(config: kit.configuration, stateDir: stateDirectory(state))
        _ = try session.succeed(configure)
        if let reconciling { _ = try session.ask(reconciling) }
        return session
    }

    static func hello(_ versions: ClosedRange<Int> = 1...1) -> PluginHello {
        PluginHello(
            protocol: .init(min: versions.lowerBound, max: versions.upperBound),
            engine: .init(name: "kenter-plugin-check", version: "1"), instance: "c0de",
            limits: .init(lineBytes: ConnectionLimits.plugin.lineBytes, stateBytes: PluginSession.stateLimitBytes))
    }
}
