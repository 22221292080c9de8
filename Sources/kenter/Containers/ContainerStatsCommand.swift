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

    /// How many containers are asked about at once: each may wait for a network that does not answer.
    private static let concurrentCallsMax = 16

    /// Those that were named, or all that run; one of these may end at any time.
    private func read(_ client: EngineClient) async throws -> [ContainerStats.Result] {
        let names =
            containers.isEmpty
            ? try await Listing.all(client, ContainerList.name, "containers").compactMap { $0.object?["id"]?.string }
            : containers
        return try await withThrowingTaskGroup(of: (Int, ContainerStats.Result?).self) { group in
            var read: [ContainerStats.Result?] = Array(repeating: nil, count: names.count)
            for (index, name) in names.enumerated() {
                if index >= Self.concurrentCallsMax, let (index, stats) = try await group.next() {
                    read[index] = stats
                }
                group.addTask { (index, try await stats(of: name, client)) }
            }
            for try await (index, stats) in group { read[index] = stats }
            return read.compactMap(\.self)
        }
    }

    private func stats(of name: String, _ client: EngineClient) async throws -> ContainerStats.Result? {
        do {
            return try await client.call(ContainerStats(container: name))
        } catch let error as RPCError where containers.isEmpty && [.conflict, .notFound].contains(error.kind) {
            return nil
        }
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
            "\(size(sum(traffic.map(\.rxBytes)))) / \(size(sum(traffic.map(\.txBytes))))",
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
        return max(0, Double(used) - Double(usedBefore)) / (Double(time.nanoseconds) - Double(timeBefore.nanoseconds))
    }

    private static func share(_ part: Int64?, of whole: Int64?) -> Double? {
        guard let part, let whole, whole > 0 else { return nil }
        return Double(part) / Double(whole)
    }

    /// What plugins count may be anything: as much as there is room for.
    private static func sum(_ counts: [Int64]) -> Int64 {
        counts.reduce(0) { sum, count in
            let (total, isTooLarge) = sum.addingReportingOverflow(count)
            return isTooLarge ? (count < 0 ? .min : .max) : total
        }
    }

    private static func percent(_ share: Double?) -> String { share.map(HumanText.percent) ?? "--" }
    private static func size(_ bytes: Int64?) -> String { bytes.map { HumanText.size(bytes: $0) } ?? "--" }
    private static func binarySize(_ bytes: Int64?) -> String { bytes.map { HumanText.binarySize(bytes: $0) } ?? "--" }
}
