import JSONRPC
import KenterProtocol

/// A network and two containers, `a1` and `a2`. Namespaces of the kit stand for containers.
struct AttachmentScene {
    private(set) var session: PluginSession
    private let bench: Bench
    private let sandbox: Sandbox
    private let network: String
    private let networkState: JSONObject

    /// Makes the containers and the network `n1`, with a plugin of its own.
    init(_ bench: Bench) throws(CheckEnd) {
        let session = try bench.ready()
        try Self.makeContainers(bench)
        let state = try session.succeed(NetworkChecks.create("n1")).value.state
        try self.init(bench, session, network: "n1", state)
    }

    /// A network that is there, and containers that are there.
    init(_ bench: Bench, _ session: PluginSession, network: String, _ state: JSONObject) throws(CheckEnd) {
        guard let sandbox = bench.sandbox else { throw .skipped("needs root") }
        self.bench = bench
        self.sandbox = sandbox
        self.session = session
        self.network = network
        networkState = state
    }

    static func makeContainers(_ bench: Bench) throws(CheckEnd) {
        for name in ["a1", "a2"] { try bench.sandbox?.makeNetwork(at: bench.path(name)) }
    }

    /// Goes on with another process, whose engine knows of the network and these attachments.
    mutating func restart(knowing names: [String]) throws(CheckEnd) {
        let known = ProviderReconcile(networkIds: [network], attachmentIds: names.map(id))
        session = try bench.ready(reconciling: known)
    }

    /// Starts with eight digits, as ids of the engine do.
    func id(_ name: String) -> String { "00000\(name.dropFirst())00f00d" }

    func attach(_ name: String) -> ProviderNetworkAttach {
        ProviderNetworkAttach(
            attachmentId: id(name), networkId: network, networkState: networkState, netns: bench.path(name),
            interface: "eth0", addresses: ["172.29.0.1\(name.dropFirst())/16"], hostname: name)
    }

    func detach(_ name: String) -> ProviderNetworkDetach {
        ProviderNetworkDetach(attachmentId: id(name), networkId: network, netns: bench.path(name))
    }

    /// From `a1` to `a2`.
    func link(_ linkId: String, ports: [String]) -> ProviderNetworkRules.LinkRules {
        ProviderNetworkRules.LinkRules(
            linkId: linkId, from: id("a1"), to: id("a2"), rules: [LinkPortRule(protocol: .tcp, ports: ports)])
    }

    func rules(set: [ProviderNetworkRules.LinkRules] = [], remove: [String] = []) -> ProviderNetworkRules {
        ProviderNetworkRules(networkId: network, set: set, remove: remove)
    }

    func hasInterface(_ interface: String, _ name: String) throws(CheckEnd) -> Bool {
        try sandbox.inside(bench.path(name)) { Files.text("/proc/thread-self/net/dev").contains(" \(interface):") }
    }
}
