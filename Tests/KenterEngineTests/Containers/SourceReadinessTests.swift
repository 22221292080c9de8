import KenterProtocol
import KenterState
import Testing

@testable import KenterEngine

@Suite struct SourceReadinessTests {
    private static func source(
        _ status: ContainerStatus, health: HealthStatus? = nil, ports: [String] = [], waitsFor: String? = nil
    ) -> ContainerRecord {
        let check = health.map { _ in Healthcheck(test: ["CMD", "true"]) }
        let config = Container.Configuration(
            user: "", workdir: "/", hostname: "db", exposedPorts: ports, tty: false, stdinOpen: false,
            stopSignal: "SIGTERM", stopTimeoutSeconds: 10, readOnly: false, privileged: false, autoRemove: false,
            healthcheck: check)
        var state = ContainerState(status: status, exitCode: status == .exited ? 3 : nil)
        state.waitsFor = waitsFor
        state.health = health.map { status in
            let result = ContainerHealth.Result(
                startedAt: .now, finishedAt: .now, exitCode: 1, output: "first\nno answer\n")
            return ContainerHealth(status: status, failingStreak: 1, results: [result])
        }
        let definition = ContainerDefinition(
            image: "i", imageId: "i", layers: [], config: config, publishesAll: false, ownEnv: [], imageEnv: [],
            network: .network(id: "n"), publish: [], publishAsGiven: [], hostPorts: [],
            mounts: [], restart: RestartPolicy(policy: .no), resources: Resources())
        return ContainerRecord(id: "1", name: "db", createdAt: .now, definition: definition, state: state)
    }

    struct Case: Sendable {
        var source: ContainerRecord?
        var condition: LinkWait.Condition
        var hasRun = false
        var expected: SourceReadiness
    }

    @Test(arguments: [
        Case(source: nil, condition: .started, expected: .waiting("db to be created")),
        Case(source: source(.created), condition: .started, expected: .waiting("db to start")),
        Case(source: source(.exited), condition: .healthy, expected: .waiting("db to start")),
        Case(source: source(.exited), condition: .tcp, hasRun: true, expected: .hopeless("db has exited with code 3")),
        Case(source: source(.restarting), condition: .tcp, hasRun: true, expected: .waiting("db to start")),
        Case(
            source: source(.created, waitsFor: "disk to be healthy"), condition: .started,
            expected: .waiting("db to start, which waits for disk to be healthy")),
        Case(source: source(.running), condition: .started, expected: .ready),
        Case(source: source(.running), condition: .healthy, expected: .hopeless("db has no healthcheck")),
        Case(source: source(.running, health: .starting), condition: .healthy, expected: .waiting("db to be healthy")),
        Case(source: source(.running, health: .healthy), condition: .healthy, expected: .ready),
        Case(
            source: source(.running, health: .unhealthy), condition: .healthy,
            expected: .hopeless("db is unhealthy: no answer")),
        Case(source: source(.running), condition: .tcp, expected: .hopeless("db exposes no tcp port to try")),
        Case(
            source: source(.running, ports: ["80/tcp", "53/udp", "3306/tcp"]), condition: .tcp,
            expected: .readyIfPortsAnswer([80, 3306])),
    ])
    func `a source is ready, may become so, or never will`(_ example: Case) {
        let found = SourceReadiness.of(
            example.source, name: "db", example.condition, hasRun: example.hasRun, isAttached: true)
        #expect(found == example.expected)
    }
}
