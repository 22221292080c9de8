import JSONRPC
import KenterProtocol

/// The role `link`: describe and plan, which have no effects and always give the same answer (R8).
enum LinkChecks {
    static let all: [Check] = [
        Check(
            "link.plan.answer", "every link is planned, whatever its source exposes, whether or not it runs",
            needs: ready, planAll),
        Check(
            "link.describe.repeatable", "provider.link.describe always gives the same answer (R8)", needs: ready
        ) { bench throws(CheckEnd) in
            let session = try bench.ready("one")
            let first = try session.succeed(ProviderLinkDescribe()).json
            _ = try session.succeed(LinkSamples.plain)
            let again = try session.succeed(ProviderLinkDescribe()).json
            let other = try bench.ready("two").succeed(ProviderLinkDescribe()).json
            try (first == again && first == other).orFail("it answered in two ways")
        },
        Check(
            "link.plan.repeatable", "the same link has the same plan, also after others and in another process (R8)",
            needs: planned
        ) { bench throws(CheckEnd) in
            let session = try bench.ready("one")
            let first = try session.succeed(LinkSamples.plain).json
            _ = try session.succeed(LinkSamples.dual)
            let again = try session.succeed(LinkSamples.plain).json
            try (first == again).orFail("asked again after another link, it planned it otherwise")
            let other = try bench.ready("two").succeed(LinkSamples.plain).json
            try (first == other).orFail("another process planned it otherwise")
        },
        Check("link.plan.no-effects", "planning makes no files (R8)", needs: planned) { bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(ProviderLinkDescribe())
            let before = Files.tree(bench.stateDirectory())
            for request in LinkSamples.all { _ = try session.succeed(request) }
            let new = Files.tree(bench.stateDirectory()).filter { !before.contains($0) }
            try new.isEmpty.orFail("planning made the file \(new.first ?? "")")
        },
        Check(
            "link.options.unknown", "an option that its schema does not allow is refused, and it lives on",
            needs: planned
        ) { bench throws(CheckEnd) in
            guard bench.describedOptions["additionalProperties"]?.bool == false else {
                throw .skipped("its schema allows options of any name (no additionalProperties: false)")
            }
            let session = try bench.ready()
            var request = LinkSamples.plain
            request.options = ["no-such-option": "1"]
            try session.refuse(request, "its schema does not have the option")
            _ = try session.succeed(LinkSamples.plain)
        },
    ]

    static let planned: [Check.Need] = [.role("link"), .passed("link.plan.answer")]
    static let ready: [Check.Need] = [.role("link"), .passed("configure.ready")]

    private static func planAll(_ bench: Bench) throws(CheckEnd) {
        let session = try bench.ready()
        let description = try session.succeed(ProviderLinkDescribe()).value
        (bench.describedOptions, bench.describedProducts) = (description.options, description.produces)
        bench.plans = []
        for request in LinkSamples.all {
            let plan = try session.succeed(request).value
            bench.plans.append((request, plan))
        }
    }
}

/// Links to plan.
enum LinkSamples {
    static let all = [plain, dual, bare, stopped, odd, sixOnly]

    static let plain = link("db", ports: ["5432/tcp"], env: ["PATH=/bin", "HOME=/root", "POSTGRES_PASSWORD=secret"])
    static let dual = link(
        "front-end", ipv6: "fd17::2", ports: ["3306/tcp", "33060/tcp", "53/udp", "80/tcp", "6379/tcp"],
        env: ["MYSQL_DATABASE=shop", "EMPTY=", "MYSQL_USER=app", "MYSQL_PASSWORD=a b/c@d:e"])
    static let bare = link("nothing", ports: [], env: [])
    static let stopped = link("asleep", ipv4: nil, ports: ["5432/tcp"], env: ["A=b"], isRunning: false)
    static let odd = link(
        "My-db.2_x", ports: ["65535/udp", "1/tcp"],
        env: ["NO_EQUALS_SIGN", "LINES=one\ntwo\u{2028}three", "QUOTES=\"'\\\"", "é=ü", "LD_PRELOAD=/evil.so", "=x"])
    static let sixOnly = link("six", ipv4: nil, ipv6: "fd17::3", ports: ["80/tcp"], env: [])

    private static func link(
        _ alias: String, ipv4: String? = "172.17.0.2", ipv6: String? = nil, ports: [String], env: [String],
        isRunning: Bool = true
    ) -> ProviderLinkPlan {
        ProviderLinkPlan(
            linkId: "1f\(alias.utf8.count)", alias: alias,
            consumer: .init(
                id: String(repeating: "a", count: 64), name: "web", hostname: "aaaaaaaaaaaa",
                addresses: .init(ipv4: "172.17.0.3", ipv6: nil)),
            source: .init(
                id: String(repeating: "b", count: 64), name: "database", hostname: "bbbbbbbbbbbb",
                addresses: .init(ipv4: ipv4, ipv6: ipv6), env: env, exposedPorts: ports,
                labels: ["com.example.\"label\"": "x\ty"], running: isRunning))
    }
}
