import KenterEngine
import Testing

struct StartOrderTests {
    @Test func `sources start before their consumers`() {
        let order = StartOrder(["web", "cache", "db"], links: [("web", "db"), ("web", "cache"), ("cache", "db")])
        #expect(order.groups == [["db"], ["cache"], ["web"]])
        #expect(order.cycles == [])
    }

    @Test func `containers without links keep their order`() {
        #expect(StartOrder(["c", "a", "b"], links: []).groups == [["c"], ["a"], ["b"]])
    }

    @Test func `a cycle starts together, after what it needs and before who needs it`() {
        let order = StartOrder(
            ["front", "a", "b", "c", "db"],
            links: [("front", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("b", "db")])
        #expect(order.groups == [["db"], ["a", "b", "c"], ["front"]])
        #expect(order.cycles == [["a", "b", "c"]])
    }

    @Test func `links to others, to itself and given twice do not matter`() {
        let order = StartOrder(
            ["a", "b"], links: [("a", "elsewhere"), ("b", "b"), ("a", "b"), ("a", "b"), ("gone", "a")])
        #expect(order.groups == [["b"], ["a"]])
    }

    @Test func `two cycles that touch are one`() {
        let order = StartOrder(["a", "b", "c"], links: [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")])
        #expect(order.groups == [["a", "b", "c"]])
    }

    @Test func `a chain of 20000 containers has an order`() {
        let ids = (0..<20_000).map(String.init)
        let order = StartOrder(ids, links: zip(ids, ids.dropFirst()).map { ($0, $1) })
        #expect(order.groups == ids.reversed().map { [$0] })
    }
}
