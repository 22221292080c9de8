import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import Testing

/// What of the journal can still be had, and by whom.
struct EventJournalTests {
    private let directory: TemporaryDirectory
    private let store: StateStore
    private let journal: EventJournal

    init() throws {
        directory = try TemporaryDirectory()
        store = try StateStore(path: directory.file("state.db"))
        journal = EventJournal(store: store)
    }

    private func append(_ count: Int) throws {
        try store.write { transaction in
            for number in 0..<count {
                _ = try transaction.append(event: "container.started", id: "c\(number)", name: nil)
            }
        }
    }

    private func gap(since: Int64) -> JSONValue? {
        let error = #expect(throws: RPCError.self) { try journal.start(since: since) }
        #expect(error?.kind == .precondition)
        return error?.details["gap"]
    }

    @Test func `a subscription begins where it says, or now`() throws {
        #expect(try journal.start(since: 0) == (cursor: 0, last: 0))
        try append(5)
        #expect(try journal.start(since: nil) == (cursor: 5, last: 5))
        #expect(try journal.start(since: 2) == (cursor: 2, last: 5))
        #expect(try journal.history(EventsHistory(since: 3)).events.map(\.seq) == [4, 5])
    }

    @Test func `ten thousand events are kept, and older ones are a gap that is named`() throws {
        try append(10_010)
        #expect(try journal.start(since: 10).cursor == 10)
        #expect(try journal.history(EventsHistory(limit: 1)).events.map(\.seq) == [11])
        #expect(gap(since: 9) == ["from": 10, "to": 10])
        #expect(gap(since: 0) == ["from": 1, "to": 10])
    }

    @Test func `a number that this journal has not reached names all of it`() throws {
        try append(3)
        #expect(gap(since: 4) == ["from": 1, "to": 3])
        #expect(gap(since: .max) == ["from": 1, "to": 3])
        #expect(gap(since: -1) == ["from": 1, "to": 3])
    }

    @Test(arguments: [
        (EventsSubscribe.Filter(kinds: ["link"]), ["link.created", "link.removed"]),
        (EventsSubscribe.Filter(kinds: ["link.created", "container.exited"]), ["link.created", "container.exited"]),
        (EventsSubscribe.Filter(kinds: ["lin"]), []),
        (EventsSubscribe.Filter(ids: ["l2"]), ["link.removed"]),
        (EventsSubscribe.Filter(containers: ["c1"]), ["link.created", "link.removed", "container.exited"]),
        (EventsSubscribe.Filter(containers: ["c3"]), ["link.removed"]),
        (EventsSubscribe.Filter(containers: ["web"]), ["container.exited"]),
        (EventsSubscribe.Filter(links: ["web/db"]), ["link.created"]),
        (EventsSubscribe.Filter(kinds: ["container"], containers: ["c1"]), ["container.exited"]),
        (EventsSubscribe.Filter(ids: ["v"], links: ["web/db"]), ["link.created", "volume.created"]),
    ])
    func `a filter lets through what it names`(filter: EventsSubscribe.Filter, kinds: [String]) {
        func event(_ kind: String, _ id: String, _ name: String, _ attributes: [String: String] = [:]) -> Event {
            Event(seq: 1, time: "", kind: kind, id: id, name: name, attributes: attributes)
        }
        let events = [
            event("link.created", "l1", "web/db", ["consumer": "c1", "source": "c2"]),
            event("link.removed", "l2", "web/cache", ["consumer": "c1", "source": "c3"]),
            event("container.exited", "c1", "web"), event("volume.created", "v", "web"),
        ]
        #expect(events.filter { filter.matches($0) }.map(\.kind) == kinds)
    }
}
