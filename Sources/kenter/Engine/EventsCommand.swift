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
        since = try arguments.value(
            "since", "number", "Begin after this sequence number instead of now; 0 is all that the engine remembers."
        ).map { text throws(CommandFailure) in
            guard let number = Int64(text), number >= 0 else {
                throw CommandFailure(
                    OptionError(
                        text, for: "--since",
                        "use the number that stands behind an event's time, or 0; times are not taken"))
            }
            return number
        }
        filter = arguments.values(
            "filter", "f", "value",
            "Only some: kind=link.created, event=start, type=container, container=web, link=web/db, id=….")
        json = arguments.flag("json", "Print each event as one line of JSON.")
    }

    func run() async throws {
        let filters = try EventFilters(filter)
        let client = try await engine.connect()
        let subscription = try await client.subscribe(filter: filters.request, since: since)
        for await event in subscription {
            switch event {
            case .event(let event): Output.line(try line(event))
            case .gap(let gap):
                Output.errorLine("kenter: events \(gap.from) to \(gap.to) were dropped: they were not read fast enough")
            }
        }
        throw CommandFailure("the engine at \(client.address) went away")
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
