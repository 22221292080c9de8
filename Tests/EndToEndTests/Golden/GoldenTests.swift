import TestSupport
import Testing

/// Scenarios recorded from a real Docker engine, replayed with `kenter` for `docker`.
///
/// All recordings are replayed; Tests/Fixtures/golden-differences.json lists, with reasons, the steps where Kenter
/// differs on purpose and the steps that are left out.
@Suite struct GoldenTests {
    private static let variants = ["busybox", "bb-expose", "bb-multi", "bb-range", "bb-gap", "bb-env", "bb-vol"]

    static let scenarios = [
        "001-link-alias", "002-link-no-alias", "003-link-by-id", "004-several-links", "005-ports-multi",
        "006-ports-range", "007-ports-none", "008-source-env", "009-alias-mangling", "010-consumer-e-override",
        "012-hosts-format", "013-source-restart-ip-change", "015-source-stop-kill", "016-link-stopped-source",
        "017-link-errors", "019-rm-link", "021-rename", "022-chain", "023-two-consumers", "024-net-modes",
        "026-publish", "030-volumes", "040-icc-false-connectivity", "044-icc-false-stale", "045-real-wordpress",
        "050-copy-running", "051-copy-stopped",
    ]

    @Test(arguments: scenarios)
    func scenarioRunsAsRecorded(_ file: String) async throws {
        let scenario = try GoldenScenario(file: file)
        #expect(!scenario.steps.isEmpty)
        let used = Set(scenario.steps.flatMap(\.arguments))
        let images = (Self.variants + ["mysql", "wordpress"]).filter(used.contains)
        try await TestEngine.with(images: images) { engine in
            try await Command.succeed(["mkdir", "\(engine.directory)/scratch"])
            try TextFile.write("host\n", to: "\(engine.directory)/scratch/f")
            var replay = try GoldenReplay(scenario, on: engine)
            try await replay.run()
        }
    }
}
