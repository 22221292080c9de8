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
    ]

    private static let ready: [Check.Need] = [.passed("configure.ready")]
    private static let (fewRounds, manyRounds) = (5, 25)

    private static func stays(_ counts: (few: Int, many: Int), slack: Int, _ what: String) throws(CheckEnd) {
        try (counts.many - counts.few <= slack).orFail(
            "\(counts.few) \(what) after \(fewRounds) rounds of calls, \(counts.many) after \(manyRounds) more")
    }

    /// All four are counted in one go, by the first check that asks.
    private static func growth(_ bench: Bench) throws(CheckEnd) -> Growth {
        if let growth = bench.growth { return growth }
        let session = try bench.ready()
        var growth = Growth()
        for round in 1...(fewRounds + manyRounds) {
            try makeAndRemove(bench, session, "r\(round)")
            if round == fewRounds {
                growth.descriptors.few = Processes.openDescriptors(session.pid)
                growth.processes.few = Processes.ofSession(session.pid).count
                growth.files.few = Files.tree(bench.stateDirectory()).count
                growth.mounts.few = mountCount()
            }
        }
        growth.descriptors.many = Processes.openDescriptors(session.pid)
        growth.processes.many = Processes.ofSession(session.pid).count
        growth.files.many = Files.tree(bench.stateDirectory()).count
        growth.mounts.many = mountCount()
        bench.growth = growth
        return growth
    }

    private static func mountCount() -> Int { Files.text("/proc/thread-self/mountinfo").count { $0 == "\n" } }

    /// One round of what it can do; errors are left to the checks of those calls.
    private static func makeAndRemove(_ bench: Bench, _ session: PluginSession, _ id: String) throws(CheckEnd) {
        _ = try session.ask(Bench.hello())
        if bench.plays("link") { _ = try session.ask(LinkSamples.plain) }
        if bench.plays("storage"), bench.has("volumes", of: "storage") {
            if case .success(let made) = try session.ask(VolumeChecks.create(id)) {
                _ = try session.ask(VolumeChecks.mount("m\(id)", id, made.value.state))
                _ = try session.ask(ProviderVolumeUnmount(mountId: "m\(id)", volumeId: id))
            }
            _ = try session.ask(ProviderVolumeRemove(volumeId: id))
        }
        if bench.plays("storage"), bench.has("rootfs", of: "storage") {
            _ = try session.ask(ProviderRootfsPrepare(containerId: id))
            _ = try session.ask(ProviderRootfsRemove(containerId: id))
        }
        if bench.plays("network"), bench.sandbox != nil {
            _ = try session.ask(NetworkChecks.create(id))
            _ = try session.ask(ProviderNetworkRemove(networkId: id))
        }
    }
}
