import Testing

@testable import KenterEngine

@Suite struct StartScheduleTests {
    /// The names of groups, each group's members together.
    private func names(_ schedule: StartSchedule, _ groups: [Int]) -> [String] {
        groups.map { schedule.members(of: $0).joined(separator: "+") }.sorted()
    }

    @Test func `each starts as soon as its own sources are done`() {
        let links = [("web", "db"), ("web", "cache"), ("proxy", "web"), ("stats", "db")]
        var schedule = StartSchedule(
            ["proxy", "web", "db", "cache", "stats", "alone"], links: links.map { (consumer: $0.0, source: $0.1) })
        #expect(names(schedule, schedule.first) == ["alone", "cache", "db"])
        let number = { (name: String) in (0..<6).first { schedule.members(of: $0) == [name] } ?? -1 }
        let (db, cache, web) = (number("db"), number("cache"), number("web"))
        #expect(names(schedule, schedule.finished(db)) == ["stats"])
        #expect(names(schedule, schedule.finished(cache)) == ["web"])
        #expect(names(schedule, schedule.finished(web)) == ["proxy"])
    }

    @Test func `a cycle starts together, after what it depends on`() {
        let links = [("a", "b"), ("b", "a"), ("b", "a"), ("a", "src"), ("end", "b")]
        var schedule = StartSchedule(["a", "b", "end", "src"], links: links.map { (consumer: $0.0, source: $0.1) })
        #expect(names(schedule, schedule.first) == ["src"])
        let cycle = schedule.finished(schedule.first[0])
        #expect(names(schedule, cycle) == ["a+b"])
        #expect(names(schedule, schedule.finished(cycle[0])) == ["end"])
    }

    @Test func `sources that are not to start are not waited for`() {
        let schedule = StartSchedule(["web"], links: [(consumer: "web", source: "db")])
        #expect(names(schedule, schedule.first) == ["web"])
    }
}
