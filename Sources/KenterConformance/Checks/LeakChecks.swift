import JSONRPC
import KenterProtocol

/// What must not grow while things are made and removed again and again.
enum LeakChecks {
    /// Counts after a few rounds, and after many.
    struct Growth {
        var descriptors = (few: 0, many: 0)
        var processes = (few: 0, many: 0)
        var files = (few: 0, many: 0)
        var mounts = (few: 0, many: 0)
        /// Of the host; only in a sandbox, and where there are tools to look with.
        var network: (few: HostNetwork, many: HostNetwork)?
    }

    static let all: [Check] = [
        Check("leaks.descriptors", "it does not hold more and more open files", needs: ready) {
            bench throws(CheckEnd) in
            try stays(try growth(bench).descriptors, slack: 5, "open files")
        },
        Check("leaks.children", "it does not collect processes, ended ones included", needs: ready) {
            bench throws(CheckEnd) in
            try stays(try growth(bench).processes, slack: 5, "processes")
        },
        Check("leaks.files", "what is removed leaves no files in its state directory", needs: ready) {
            bench throws(CheckEnd) in
            try stays(try growth(bench).files, slack: 2, "files in its state directory")
        },
        Check("leaks.mounts", "it leaves no mounts", needs: ready + [.sandbox]) { bench throws(CheckEnd) in
            try stays(try growth(bench).mounts, slack: 0, "mounts")
        },
        Check("leaks.devices", "it leaves no network devices", needs: network) { bench throws(CheckEnd) in
            try leavesNothing(bench) { $0.devices }
        },
        Check("leaks.rules", "it leaves no routes or rules of the host's network", needs: network) {
            bench throws(CheckEnd) in
            try leavesNothing(bench) { $0.rules }
        },
    ]

    private static let ready: [Check.Need] = [.passed("configure.ready")]
    private static let network: [Check.Need] = NetworkChecks.works
    private static let (fewRounds, manyRounds) = (5, 25)

    private static func stays(_ counts: (few: Int, many: Int), slack: Int, _ what: String) throws(CheckEnd) {
        try (counts.many - counts.few <= slack).orFail(
            "\(counts.few) \(what) after \(fewRounds) rounds of calls, \(counts.many) after \(manyRounds) more")
    }

    private static func leavesNothing(_ bench: Bench, _ kind: (HostNetwork) -> HostNetwork) throws(CheckEnd) {
        guard let network = try growth(bench).network else { throw .skipped("needs ip and nft to look with") }
        if let line = kind(network.many).added(since: kind(network.few)) {
            throw .failed("left after \(manyRounds) rounds of calls: \(line)")
        }
    }

    /// All are counted in one go, by the first check that asks.
    private static func growth(_ bench: Bench) throws(CheckEnd) -> Growth {
        if let growth = bench.growth { return growth }
        let rounds = try LeakRounds(bench, try bench.ready())
        for round in 1...fewRounds { try rounds.makeAndRemove(round) }
        let few = Counts(bench, rounds.session)
        for round in 1...manyRounds { try rounds.makeAndRemove(fewRounds + round) }
        let many = Counts(bench, rounds.session)
        var growth = Growth()
        growth.descriptors = (few.descriptors, many.descriptors)
        growth.processes = (few.processes, many.processes)
        growth.files = (few.files, many.files)
        growth.mounts = (few.mounts, many.mounts)
        if let few = few.network, let many = many.network { growth.network = (few, many) }
        bench.growth = growth
        return growth
    }

    /// What there is of everything at one moment.
    private struct Counts {
        var descriptors: Int
        var processes: Int
        var files: Int
        var mounts: Int
        var network: HostNetwork?

        init(_ bench: Bench, _ session: PluginSession) {
            descriptors = Processes.openDescriptors(session.pid)
            processes = Processes.ofSession(session.pid).count
            files = Files.tree(bench.stateDirectory()).count
            mounts = Files.text("/proc/thread-self/mountinfo").count { $0 == "\n" }
            // Where there is nothing to look with, the checks that look say so.
            network = bench.plays("network") && bench.sandbox != nil ? try? HostNetwork.now() : nil
        }
    }
}
