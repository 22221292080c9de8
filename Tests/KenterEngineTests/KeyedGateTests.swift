@testable import KenterEngine
import Synchronization
import TestSupport
import Testing

/// Who goes first.
@Suite struct KeyedGateTests {
    private final class Course: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func note(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func `places are taken in all lines when the caller arrives`() async throws {
        let (gate, course) = (KeyedGate(), Course())
        let first = gate.places(for: ["a", "b"])
        let second = gate.places(for: ["b", "a"])
        // What comes later takes its new place behind all of them.
        let last = Task {
            await gate.enter("b") { course.note("last b") }
        }
        try await first.enter("a") { course.note("first a") }
        try await first.enter("b") { course.note("first b") }
        try await second.enter("b") { course.note("second b") }
        try await second.enter("a") { course.note("second a") }
        await last.value
        #expect(
            course.all == ["first a", "first b", "second b", "second a", "last b"]
                || course.all == ["first a", "first b", "second b", "last b", "second a"])
    }

    @Test func `whoever gives up its place holds nobody up`() async throws {
        let gate = KeyedGate()
        let waiting = gate.places(for: ["a", "b"])
        waiting.leave("a")
        await gate.enter("a") {}
        waiting.leave()
        await gate.enter(all: ["a", "b"]) {}
        // The place is gone, the way in is not.
        try await waiting.enter("a") {}
    }

    @Test func `one that is cancelled waits no longer, and nobody waits for it`() async throws {
        let gate = KeyedGate()
        let inside = gate.places(for: ["a"])
        let course = Course()
        let waiting = Task {
            let places = gate.places(for: ["a"])
            course.note("waits")
            try await places.enter("a") { course.note("cancelled") }
        }
        #expect(await eventually { course.all == ["waits"] })
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let next = Task { await gate.enter("a") { course.note("next") } }
        inside.leave()
        await next.value
        #expect(course.all == ["waits", "next"])
    }

    @Test func `many callers with many keys all get through`() async throws {
        let (gate, course) = (KeyedGate(), Course())
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let keys = number.isMultiple(of: 2) ? ["a", "b", "c"] : ["c", "b", "a"]
                group.addTask {
                    if number.isMultiple(of: 3) {
                        await gate.enter(all: keys) { course.note("through") }
                    } else {
                        let places = gate.places(for: keys)
                        for key in keys { try? await places.enter(key) { await Task.yield() } }  // Not cancelled.
                        course.note("through")
                    }
                }
            }
        }
        #expect(course.all.count == 200)
    }
}
