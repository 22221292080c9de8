import Glibc
import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerStatsCommand: Command {
    static let abstract = "Show what running containers use."

    let engine: EngineOptions
    let json: Bool
    let noStream: Bool
    let noTrunc: Bool
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        json = arguments.flag("json", "Print one JSON array of counters, once.")
        noStream = arguments.flag("no-stream", "Print one table, and end.")
        noTrunc = arguments.flag("no-trunc", "Do not cut ids.")
        containers = arguments.operands("CONTAINER", atLeast: 0)
    }

    func run() async throws {
        let client = try await engine.connect()
        var before = try await read(client)
        if json {
            return Output.line(
                PrettyJSON.text(.array(try before.map { .object(try JSONValueEncoder().encodeObject($0)) })))
        }
        repeat {
            // A rate takes two readings.
            try await Task.sleep(for: .seconds(1))
            let now = try await read(client)
            // As Docker's, each table takes the place of the one before it.
            Output.write((noStream || isatty(STDOUT_FILENO) == 0 ? "" : "\u{1b}[H\u{1b}[2J") + table(now, before))
            before = now
        } while !noStream
    }

    /// Those that were named, or all that run; one of these may end at any time.
    private func read(_ client: EngineClient) async throws -> [ContainerStats.Result] {
        if !containers.isEmpty {
            var read: [ContainerStats.Result] = []
            for container in containers { read.append(try await client.call(ContainerStats(container: container))) }
            return read
        }
        let running = try await Listing.all(client, ContainerList.name, "containers")
        var read: [ContainerStats.Result] = []
        for container in running.compactMap({ $0.object?["id"]?.string }) {
            do {
                read.append(try await client.call(ContainerStats(container: container)))
            } catch let error as RPCError where [.conflict, .notFound].contains(error.kind) {
                continue
            }
        }
        return read
    }

    private func table(_ now: [ContainerStats.Result], _ before: [ContainerStats.Result]) -> String {
        var table = Table([
            "CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS",
        ])
        for stats in now {
            let earlier = before.first { $0.id == stats.id }
            table.add([noTrunc ? stats.id : HumanText.shortID(stats.id)] + Self.row(stats, since: earlier))
        }
        return table.text
    }

    /// All columns but the id; `--` for what is not counted, as Docker writes it.
    static func row(_ stats: ContainerStats.Result, since before: ContainerStats.Result?) -> [String] {
        let traffic = stats.networks.values
        return [
            stats.name, percent(processorShare(stats, since: before)),
            "\(binarySize(stats.memoryUsageBytes)) / \(binarySize(stats.memoryLimitBytes))",
            percent(share(stats.memoryUsageBytes, of: stats.memoryLimitBytes)),
            "\(size(traffic.reduce(0) { $0 + $1.rxBytes })) / \(size(traffic.reduce(0) { $0 + $1.txBytes }))",
            "\(size(stats.blockReadBytes)) / \(size(stats.blockWriteBytes))", stats.pids.map { "\($0)" } ?? "--",
        ]
    }

    /// Of one processor: two busy ones are 2.
    private static func processorShare(
        _ stats: ContainerStats.Result, since before: ContainerStats.Result?
    ) -> Double? {
        guard let before, let used = stats.cpuNanoseconds, let usedBefore = before.cpuNanoseconds,
            let time = Timestamp(stats.readAt), let timeBefore = Timestamp(before.readAt),
            time.nanoseconds > timeBefore.nanoseconds
        else { return nil }
        return Double(max(0, used - usedBefore)) / Double(time.nanoseconds - timeBefore.nanoseconds)
    }

    private static func share(_ part: Int64?, of whole: Int64?) -> Double? {
        guard let part, let whole, whole > 0 else { return nil }
        return Double(part) / Double(whole)
    }

    private static func percent(_ share: Double?) -> String { share.map(HumanText.percent) ?? "--" }
    private static func size(_ bytes: Int64?) -> String { bytes.map { HumanText.size(bytes: $0) } ?? "--" }
    private static func binarySize(_ bytes: Int64?) -> String { bytes.map { HumanText.binarySize(bytes: $0) } ?? "--" }
}
