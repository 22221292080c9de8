import Testing

@testable import KenterEngine

@Suite struct PluginLifecycleTests {
    private func running() -> PluginLifecycle {
        var lifecycle = PluginLifecycle()
        _ = lifecycle.event(.start)
        for _ in 0..<3 { _ = lifecycle.event(.stepDone) }
        return lifecycle
    }

    @Test func `a plugin runs once it has said hello, was configured and has reconciled`() {
        var lifecycle = PluginLifecycle()
        #expect(lifecycle.state == .found)
        #expect(lifecycle.event(.start) == [.spawn])
        #expect(lifecycle.state == .starting(.hello))
        #expect(lifecycle.event(.stepDone) == [.perform(.configure)])
        #expect(lifecycle.event(.stepDone) == [.perform(.reconcile)])
        #expect(lifecycle.event(.stepDone) == [.admit])
        #expect(lifecycle.state == .running)
        #expect(lifecycle.event(.stepDone) == [])
    }

    @Test func `one that dies is started again, after a time that doubles up to a minute`() {
        var lifecycle = running()
        var delays: [Duration] = []
        for number in 1...10 {
            let actions = lifecycle.event(.died(reason: "exited", at: .seconds(number)))
            guard case .wake(let delay, number) = actions.last else {
                Issue.record("death \(number) led to \(actions)")
                return
            }
            #expect(actions.first == .refuse)
            delays.append(delay)
            #expect(lifecycle.event(.woke(number: number)) == [.spawn])
        }
        #expect(delays == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
        #expect(lifecycle.restartCount == 10)
    }

    @Test func `one that dies an eleventh time within ten minutes stays down until it is restarted by hand`() {
        var lifecycle = running()
        for number in 1...10 {
            _ = lifecycle.event(.died(reason: "exited", at: .seconds(number)))
            _ = lifecycle.event(.woke(number: number))
        }
        #expect(lifecycle.event(.died(reason: "exited", at: .seconds(600))) == [.refuse])
        guard case .failed(let reason) = lifecycle.state else {
            Issue.record("it is \(lifecycle.state)")
            return
        }
        #expect(reason == "it died 11 times within 10 minutes; the last time it exited")
        #expect(lifecycle.event(.woke(number: 10)) == [])
        #expect(lifecycle.event(.restart) == [.spawn])
        // The deaths before are forgotten.
        #expect(
            lifecycle.event(.died(reason: "exited", at: .seconds(601))).last
                == .wake(after: .milliseconds(500), number: 11))
    }

    @Test func `deaths of more than ten minutes ago do not count`() {
        var lifecycle = running()
        for number in 1...100 {
            let actions = lifecycle.event(.died(reason: "exited", at: .seconds(601 * number)))
            #expect(actions == [.refuse, .wake(after: .milliseconds(500), number: number)])
            _ = lifecycle.event(.woke(number: number))
        }
    }

    @Test func `a restart waits for the old process to be gone`() {
        var lifecycle = running()
        #expect(lifecycle.event(.restart) == [.end])
        #expect(lifecycle.event(.restart) == [])
        #expect(lifecycle.state == .ending(.restart))
        #expect(lifecycle.event(.died(reason: "exited", at: .zero)) == [.spawn])
        #expect(lifecycle.state == .starting(.hello))
        #expect(lifecycle.restartCount == 0)
    }

    @Test func `a restart overtakes the delay before the next start`() {
        var lifecycle = running()
        _ = lifecycle.event(.died(reason: "exited", at: .zero))
        #expect(lifecycle.event(.restart) == [.spawn])
        #expect(lifecycle.event(.woke(number: 1)) == [])
        _ = lifecycle.event(.died(reason: "exited", at: .zero))
        // The first delay's end comes late and is not taken for the second's.
        #expect(lifecycle.event(.woke(number: 1)) == [])
        #expect(lifecycle.event(.woke(number: 2)) == [.spawn])
    }

    @Test func `one that cannot work is ended and not started again`() {
        var lifecycle = PluginLifecycle()
        _ = lifecycle.event(.start)
        #expect(lifecycle.event(.refused(reason: "it cannot")) == [.refuse, .end])
        #expect(lifecycle.event(.died(reason: "exited", at: .zero)) == [.refuse])
        #expect(lifecycle.state == .failed(reason: "it cannot"))
    }

    @Test func `a stop is final, whatever the plugin was doing`() {
        var found = PluginLifecycle()
        #expect(found.event(.stop) == [.refuse])
        #expect(found.event(.start) == [])
        var working = running()
        #expect(working.event(.stop) == [.refuse, .end])
        #expect(working.event(.restart) == [])
        #expect(working.event(.died(reason: "exited", at: .zero)) == [.refuse])
        var dead = running()
        _ = dead.event(.died(reason: "exited", at: .zero))
        #expect(dead.event(.stop) == [.refuse])
        #expect(dead.event(.woke(number: 1)) == [])
        var restarting = running()
        _ = restarting.event(.restart)
        #expect(restarting.event(.stop) == [.refuse])
        #expect(restarting.event(.died(reason: "exited", at: .zero)) == [.refuse])
        for lifecycle in [found, working, dead, restarting] {
            var stopped = lifecycle
            #expect(stopped.state == .stopped)
            #expect(stopped.event(.restart) == [])
        }
    }
}
