import KenterProtocol
import KenterState
import Testing

@testable import KenterEngine

@Suite struct StatusTextTests {
    @Test(arguments: [
        (1_900, 5_100, "Up 3 seconds"), (1_100, 5_900, "Up 4 seconds"), (1_900, 2_800, "Up Less than a second"),
        (5_000, 1_000, "Up Less than a second"), (0, 90_000, "Up About a minute"),
    ])
    func `only whole seconds that have passed count`(_ started: Int64, _ now: Int64, _ text: String) {
        let state = ContainerState(status: .running, startedAt: Timestamp(nanoseconds: started * 1_000_000))
        #expect(StatusText.text(state, now: Timestamp(nanoseconds: now * 1_000_000)) == text)
    }
}
