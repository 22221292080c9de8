import JSONRPC
import KenterProtocol

/// The role `network`: networks themselves.
enum NetworkChecks {
    static let all: [Check] = [
        Check("network.check", "it keeps containers apart on this host", needs: needs) { bench throws(CheckEnd) in
            let result = try bench.ready().succeed(ProviderNetworkCheck()).value
            try result.isolated.orFail("it says that it does not: no container would start")
        },
        Check(
            "network.validate", "validate fills in defaults, always the same, and accepts what it returned (R8)",
            needs: needs
        ) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let first = try session.succeed(ProviderNetworkValidate(spec: NetworkSpecification())).value.spec
            try (first.subnet != nil || first.ipv6Subnet != nil).orFail("it fills in no subnet")
            let again = try session.succeed(ProviderNetworkValidate(spec: NetworkSpecification())).value.spec
            try (first == again).orFail("asked again, it answered something else")
            let own = try session.succeed(ProviderNetworkValidate(spec: first)).value.spec
            try (first == own).orFail("it changed what it had returned itself")
        },
        Check("network.validate.no-effects", "validate changes nothing (R8)", needs: needs) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let before = try HostNetwork.now()
            _ = try session.ask(ProviderNetworkValidate(spec: spec))
            if let line = try HostNetwork.now().added(since: before) { throw .failed("validate made: \(line)") }
        },
        Check("network.life", "a network is made and removed", needs: needs) { bench throws(CheckEnd) in
            let session = try bench.ready()
            let result = try session.succeed(create("n1")).value
            try (!result.gateways.isEmpty).orFail("it has no gateway")
            _ = try session.succeed(ProviderNetworkRemove(networkId: "n1", state: result.state))
        },
        Check("network.create.repeated", "the same network again has the same result (R1)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let first = try session.succeed(create("n1")).json
            let second = try session.succeed(create("n1")).json
            try (first == second).orFail("the second result is another one")
        },
        Check("network.create.conflict", "the same id with another specification is a conflict (R2)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(create("n1"))
            let error = try session.refuse(
                create("n1", subnet: "172.30.0.0/16"), "it exists with another subnet")
            try (error.kind == .conflict).orFail("it was refused with the kind \(error.kind), not conflict")
        },
        Check("network.remove.unknown", "removing what is not there, or no more, succeeds (R3)", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            _ = try session.succeed(ProviderNetworkRemove(networkId: "never"))
            _ = try session.succeed(create("n1"))
            for _ in 1...2 { _ = try session.succeed(ProviderNetworkRemove(networkId: "n1")) }
        },
        Check("network.remove.leaves", "a network that is removed leaves no device, route or rule", needs: works) {
            bench throws(CheckEnd) in
            let session = try bench.ready()
            let before = try HostNetwork.now()
            _ = try session.succeed(create("n1"))
            _ = try session.succeed(ProviderNetworkRemove(networkId: "n1"))
            try HostNetwork.now().expectNothing(since: before)
        },
        Check("network.create.killed", "after a kill at any byte the call is repeated, and succeeds (R5)", needs: works)
        {
            bench throws(CheckEnd) in
            let known = ProviderReconcile(networkIds: ["n1"])
            try Kill.atManyBytes(bench, during: create("n1"), known: known) { session throws(CheckEnd) in
                _ = try session.succeed(create("n1"), "after it was killed")
                // Each turn has a state directory of its own, but the host is the same.
                _ = try session.succeed(ProviderNetworkRemove(networkId: "n1"), "after it was killed")
            }
        },
    ]

    static let needs: [Check.Need] = [.role("network"), .sandbox, .passed("configure.ready")]
    static let works = needs + [.passed("network.life")]

    static let spec = NetworkSpecification(subnet: "172.29.0.0/16", isolated: true)

    static func create(_ id: String, subnet: String? = spec.subnet) -> ProviderNetworkCreate {
        ProviderNetworkCreate(networkId: id, networkName: id, spec: .init(subnet: subnet, isolated: true))
    }
}
