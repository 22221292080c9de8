import KenterProtocol
import KenterState
import Testing

@testable import KenterEngine

/// Whether and when a container that has ended starts again.
@Suite struct RestartDecisionTests {
    private static let always = RestartPolicy(policy: .always)

    /// A container that has run for so many seconds, and its policy's answer.
    private static func pause(after state: inout ContainerState, ranFor seconds: Int64) -> RestartDecision {
        state.startedAt = Timestamp(nanoseconds: 1_000_000_000)
        state.end(
            ContainerExit(
                code: 1, finishedAt: Timestamp(nanoseconds: (1 + seconds) * 1_000_000_000), ranOutOfMemory: false))
        return state.restartDecision(always)
    }

    @Test func `pauses double up to a minute, and start over after a long run`() {
        var state = ContainerState(status: .running, isWanted: true)
        var pauses: [RestartDecision] = []
        for _ in 0..<12 {
            pauses.append(Self.pause(after: &state, ranFor: 9))
            state.countRestart()
        }
        let expected: [Int64] = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]
        #expect(pauses == expected.map { .restart(after: .milliseconds($0)) })
        #expect(Self.pause(after: &state, ranFor: 10) == .restart(after: .milliseconds(100)))
        state.countRestart()
        #expect(Self.pause(after: &state, ranFor: 1) == .restart(after: .milliseconds(200)))
        #expect(state.restartCount == 13)
    }

    @Test func `starts that fail after a long run get longer pauses, too`() {
        var state = ContainerState(status: .running, isWanted: true)
        #expect(Self.pause(after: &state, ranFor: 60) == .restart(after: .milliseconds(100)))
        state.countRestart()
        #expect(state.restartDecision(Self.always) == .restart(after: .milliseconds(200)))
        state.countRestart()
        #expect(state.restartDecision(Self.always) == .restart(after: .milliseconds(400)))
    }

    @Test(
        arguments: [
            (RestartPolicy(policy: .no), 1, true, 0, false), (RestartPolicy(policy: .always), 0, true, 0, true),
            (RestartPolicy(policy: .always), 0, false, 0, false),
            (RestartPolicy(policy: .unlessStopped), 0, true, 9, true),
            (RestartPolicy(policy: .onFailure), 0, true, 0, false),
            (RestartPolicy(policy: .onFailure), 1, true, 9, true),
            (RestartPolicy(policy: .onFailure, maxRetries: 2), 1, true, 1, true),
            (RestartPolicy(policy: .onFailure, maxRetries: 2), 1, true, 2, false),
        ] as [(RestartPolicy, Int32, Bool, Int, Bool)])
    func `a policy decides by exit code, wish and count`(
        _ policy: RestartPolicy, _ exitCode: Int32, _ isWanted: Bool, _ restartCount: Int, _ restarts: Bool
    ) {
        let decision = RestartDecision.after(
            exitCode: exitCode, policy: policy, isWanted: isWanted, restartCount: restartCount, hastyRestarts: 0)
        #expect((decision != .stay) == restarts)
    }
}
