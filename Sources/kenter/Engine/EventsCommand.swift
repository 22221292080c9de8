import JSONRPC
import KenterClient
import KenterProtocol

struct EventsCommand: Command {
    static let abstract = "Show what happens, as it happens."

    let engine: EngineOptions
    let since: Int64?
    let filter: [String]
    let json: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        since = try arguments.integer(
            "since", "Begin after this sequence number instead of now; 0 is all that the engine remembers.")
        filter = arguments.values(
            "filter", "f", "value", "Only some: kind=link.created, container=web, link=web/db, id=….")
        json = arguments.flag("json", "Print each event as one line of JSON.")
    }

    func run() async throws {
        let client = try await engine.connect()
        let subscription = try await client.subscribe(filter: try parsedFilter, since: since)
        for await event in subscription {
            switch event {
            case .event(let event): Output.line(try line(event))
            case .gap(let gap):
                Output.errorLine("kenter: events \(gap.from) to \(gap.to) were dropped: they were not read fast enough")
            }
        }
        throw CommandFailure("the engine at \(client.address) went away")
    }

    private var parsedFilter: EventsSubscribe.Filter? {
        get throws {
            if filter.isEmpty { return nil }
            var (kinds, ids, containers, links): ([String], [String], [String], [String]) = ([], [], [], [])
            for text in filter {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                switch (parts.first, parts.count) {
                case ("kind", 2), ("event", 2), ("type", 2): kinds.append(parts[1])
                case ("id", 2): ids.append(parts[1])
                case ("container", 2): containers.append(parts[1])
                case ("link", 2): links.append(String(parts[1].drop { $0 == "/" }))
                default: throw CommandFailure("invalid filter '\(text)': use kind=…, container=…, link=… or id=…")
                }
            }
            func given(_ list: [String]) -> [String]? { list.isEmpty ? nil : list }
            return EventsSubscribe.Filter(
                kinds: given(kinds), ids: given(ids), containers: given(containers), links: given(links))
        }
    }

    private func line(_ event: EventNotification) throws -> String {
        if json {
            var object = try JSONValueEncoder().encodeObject(event)
            object["subscription"] = nil
            return PrettyJSON.line(.object(object))
        }
        return Self.line(event)
    }

    /// `2026-11-24T02:39:00Z 17 container.started 6e5cdeb2d300 (name=web, exitCode=0)`
    static func line(_ event: EventNotification) -> String {
        let facts =
            (event.name.map { ["name=\($0)"] } ?? [])
            + event.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let suffix = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        return TerminalText.escaped("\(event.time) \(event.seq) \(event.kind) \(HumanText.shortID(event.id))\(suffix)")
    }
}
