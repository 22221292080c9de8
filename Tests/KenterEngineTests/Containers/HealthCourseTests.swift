import JSONRPC
import KenterProtocol
import Testing

@testable import KenterEngine

@Suite struct HealthCourseTests {
    /// A clock that only these tests turn.
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }

    private static func course(startPeriod: Double? = nil, retries: Int? = nil) throws -> HealthCourse {
        let check = Healthcheck(test: ["CMD", "true"], startPeriodSeconds: startPeriod, retries: retries)
        let plan = try #require(HealthPlan(check))
        return HealthCourse(plan: plan, startedAt: time(0), health: ContainerHealth(status: .starting))
    }

    private static func result(_ code: Int, at seconds: Int64) -> ContainerHealth.Result {
        ContainerHealth.Result(startedAt: time(seconds), finishedAt: time(seconds + 1), exitCode: code, output: "")
    }

    /// Exit codes of checks, ten seconds apart, and the status after each.
    struct Case: Sendable {
        var startPeriod: Double?
        var retries: Int?
        var codes: [Int]
        var statuses: [HealthStatus]
    }

    @Test(arguments: [
        Case(codes: [0, 1, 1, 0], statuses: [.healthy, .healthy, .healthy, .healthy]),
        Case(codes: [1, 1, 1, 0], statuses: [.starting, .starting, .unhealthy, .healthy]),
        Case(codes: [0, 1, 1, -1], statuses: [.healthy, .healthy, .healthy, .unhealthy]),
        Case(retries: 1, codes: [1, 0, 2], statuses: [.unhealthy, .healthy, .unhealthy]),
        Case(startPeriod: 25, retries: 1, codes: [1, 1, 1], statuses: [.starting, .starting, .unhealthy]),
        Case(startPeriod: 25, retries: 1, codes: [0, 1], statuses: [.healthy, .unhealthy]),
    ])
    func `health follows from the checks`(_ example: Case) throws {
        var course = try Self.course(startPeriod: example.startPeriod, retries: example.retries)
        var before = HealthStatus.starting
        for (index, (code, status)) in zip(example.codes, example.statuses).enumerated() {
            let hasChanged = course.finished(Self.result(code, at: Int64(index + 1) * 10))
            #expect(course.health.status == status, "after check \(index)")
            #expect(hasChanged == (status != before))
            before = status
        }
    }

    @Test func `five results are kept, and the failures in a row are counted`() throws {
        var course = try Self.course()
        for second in 1...7 { _ = course.finished(Self.result(second, at: Int64(second))) }
        #expect(course.health.results.map(\.exitCode) == [3, 4, 5, 6, 7])
        #expect(course.health.failingStreak == 7)
        _ = course.finished(Self.result(0, at: 8))
        #expect(course.health.failingStreak == 0)
    }

    @Test func `checks are close together in the start period, until one succeeds`() throws {
        var course = try Self.course(startPeriod: 20)
        #expect(course.pause(now: Self.time(0)) == .seconds(5))
        #expect(course.pause(now: Self.time(20)) == .seconds(30))
        _ = course.finished(Self.result(0, at: 1))
        #expect(course.pause(now: Self.time(2)) == .seconds(30))
        #expect(try Self.course().pause(now: Self.time(0)) == .seconds(30))
    }

    @Test func `what a container does not say comes from its image`() throws {
        let image = Healthcheck(test: ["CMD", "a"], intervalSeconds: 7, retries: 2)
        #expect(try HealthPlan.healthcheck(nil, image: image) == image)
        #expect(
            try HealthPlan.healthcheck(Healthcheck(intervalSeconds: 1), image: image)
                == Healthcheck(test: ["CMD", "a"], intervalSeconds: 1, retries: 2))
        #expect(
            try HealthPlan.healthcheck(Healthcheck(test: ["CMD-SHELL", "b"], intervalSeconds: 0), image: image)
                == Healthcheck(test: ["CMD-SHELL", "b"], intervalSeconds: 7, retries: 2))
        let none = try HealthPlan.healthcheck(Healthcheck(test: ["NONE"]), image: image)
        #expect(HealthPlan(none) == nil)
        #expect(HealthPlan(Healthcheck(test: ["CMD-SHELL", "b c"]))?.arguments == ["/bin/sh", "-c", "b c"])
        // An image is not the engine's to judge: what it cannot mean is not run.
        #expect(HealthPlan(Healthcheck(test: ["WHATEVER", "b"])) == nil)
    }

    @Test(arguments: [
        (Healthcheck(test: ["CMD"]), "invalid healthcheck"), (Healthcheck(test: ["rm", "x"]), "invalid healthcheck"),
        (Healthcheck(test: ["CMD-SHELL", "a", "b"]), "invalid healthcheck"),
        (Healthcheck(intervalSeconds: 1e-4), "Interval in Healthcheck cannot be less than 1ms"),
        (Healthcheck(timeoutSeconds: -1), "Timeout in Healthcheck cannot be less than 1ms"),
        (Healthcheck(startPeriodSeconds: 1e30), "StartPeriod in Healthcheck cannot be more than a year"),
        (Healthcheck(retries: -1), "Retries in Healthcheck cannot be negative"),
    ])
    func `what cannot be meant is refused`(_ check: Healthcheck, _ text: String) {
        let error = #expect(throws: RPCError.self) { try HealthPlan.healthcheck(check, image: nil) }
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
    }
}
