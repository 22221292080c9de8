import Glibc
import JSONRPC
@testable import KenterEngine
import KenterProtocol
import KenterState
import Logging
import TestSupport

/// A link service with a real state, the real link provider, and a network provider that writes down its rules.
/// Containers are records only: what their service would do to them, a test does by hand.
struct LinkBench: Sendable {
    static let networkId = "n1"
    static let otherNetworks = "other-rules"

    let links: LinkService
    let store: StateStore
    let directories: EngineDirectories
    let log = Logger(label: "links") { _ in SwiftLogNoOpLogHandler() }
    private let recordDirectory: String

    /// - Parameter provider: The link provider: a fixture's name, or a path.
    static func with(
        provider: String = BuildProducts.executable("link-legacy"), _ body: (LinkBench) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        // A second provider of networks, which does the same.
        let other = directory.file(otherNetworks)
        try await Command.succeed(["install", "-m", "0755", BuildProducts.fixture("plugins/records-rules"), other])
        try await PluginHostFixture.with(provider, "records-rules", other) { fixture in
            try await body(try LinkBench(fixture, directory))
            withExtendedLifetime(directory) {}
        }
    }

    private init(_ fixture: PluginHostFixture, _ directory: TemporaryDirectory) throws {
        directories = EngineDirectories(root: directory.file("root"), run: directory.file("run"))
        mkdir(directories.root, 0o755)
        mkdir("\(directories.root)/containers", 0o755)
        store = try StateStore(path: directories.state)
        recordDirectory = "\(fixture.directory)/records-rules"
        links = LinkService(
            store: store, plugins: fixture.host, journal: EventJournal(store: store), directories: directories,
            log: log)
        try store.write { transaction in
            for (id, name) in [(Self.networkId, "bridge"), ("n2", "other")] {
                try transaction.save(
                    NetworkRecord(
                        id: id, name: name, provider: "records-rules", spec: NetworkSpecification(isolated: true),
                        createdAt: .now))
            }
        }
    }

    // MARK: containers

    /// Makes a container; its id is its name followed by zeros.
    @discardableResult
    func create(
        _ name: String, links specifications: [String] = [], env: [String] = [], ports: [String] = ["80/tcp"],
        network: NetworkMode = .network(id: networkId), id: String? = nil
    ) async throws -> String {
        let id = id ?? Self.id(name)
        let resolved = try await links.resolve(specifications, consumerId: id, network: network)
        let config = Container.Configuration(
            env: env, user: "", workdir: "/", hostname: "h-\(name)", exposedPorts: ports, tty: false, stdinOpen: false,
            stopSignal: "SIGTERM", stopTimeoutSeconds: 10, readOnly: false, privileged: false, autoRemove: false)
        let definition = ContainerDefinition(
            image: "busybox", imageId: "i", layers: [], config: config, publishesAll: false, ownEnv: env, imageEnv: [],
            network: network, publish: [], publishAsGiven: [], hostPorts: [], mounts: [],
            restart: RestartPolicy(policy: .no), resources: Resources())
        try store.write { transaction in
            try transaction.insert(
                ContainerRecord(
                    id: id, name: name, createdAt: .now, definition: definition,
                    state: ContainerState(status: .created)))
            if case .network(let networkId) = network {
                try transaction.save(MembershipRecord(containerId: id, networkId: networkId))
            }
            for link in resolved.links { try transaction.save(link) }
            try links.recordCreation(of: resolved.links, transaction)
        }
        mkdir(directories.container(id), 0o755)
        return id
    }

    /// Starts a container at an address, as its service does.
    @discardableResult
    func start(_ id: String, at address: String, on network: String = networkId) async throws -> LinkedState {
        try links.checkStartable(try container(id), together: [])
        try attach(id, at: address, on: network)
        let linked: LinkedState
        do {
            linked = try await links.begin(try container(id))
        } catch {
            try detach(id)
            await links.end(id)
            throw error
        }
        let text = HostsFile.build(
            hasIPv6: false, links: linked.hosts,
            own: HostsFile.ownEntries(ContainerAddresses(ipv4: address), hostname: "h-\(id)"))
        try HostsFileEditor.create(directories.hosts(id), text)
        try set(id, .running)
        await links.sourceChanged(id)
        return linked
    }

    func stop(_ id: String) async throws {
        try detach(id)
        await links.end(id)
        try set(id, .exited)
        await links.sourceChanged(id)
    }

    func rename(_ id: String, to name: String) async throws {
        try store.write { try $0.rename(container: id, to: name) }
        await links.sourceChanged(id)
    }

    func remove(_ id: String) async throws {
        try store.write { try $0.deleteContainer(id: id) }
        await links.sourceChanged(id)
    }

    func attach(_ id: String, at address: String, on network: String = networkId) throws {
        try store.write { transaction in
            try transaction.save(
                AttachmentRecord(
                    id: Identifier.hex(digits: 16), containerId: id, networkId: network,
                    addresses: ContainerAddresses(ipv4: address), providerState: [:]))
        }
    }

    func detach(_ id: String) throws {
        try store.write { transaction in
            for attachment in try transaction.attachments(ofContainer: id) {
                try transaction.deleteAttachment(id: attachment.id)
            }
        }
    }

    private func set(_ id: String, _ status: ContainerStatus) throws {
        try store.write { try $0.setState(ContainerState(status: status), ofContainer: id) }
    }

    static func id(_ name: String) -> String {
        let digits = name.utf8.map { String($0, radix: 16) }.joined()
        return digits + String(repeating: "0", count: 64 - digits.count)
    }

    // MARK: looking

    func container(_ id: String) throws -> ContainerRecord {
        guard let container = try store.read({ try $0.container(id: id) }) else {
            throw CommandFailure("no container \(id)")
        }
        return container
    }

    func attachment(_ id: String) throws -> String {
        try store.read { try $0.attachments(ofContainer: id).first?.id } ?? "none"
    }

    /// The lines of a container's hosts file but the one of localhost and its own.
    func hosts(_ id: String) -> [String] {
        TextFile.read(directories.hosts(id)).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("127.0.0.1\t") && !$0.hasSuffix("\th-\(id)") }
    }

    /// What the network provider was asked, oldest first.
    func rules(of provider: String = "records-rules") throws -> [ProviderNetworkRules] {
        try TextFile.read("\(recordDirectory)/../\(provider)/rules.jsonl").split(separator: "\n").map {
            try JSONValueDecoder().decode(ProviderNetworkRules.self, from: JSONValue(text: String($0)))
        }
    }

    /// What a link provider that acts was asked to do.
    func actions() -> [String] {
        TextFile.read("\(recordDirectory)/../acts-on-links/actions").split(separator: "\n").map(String.init)
    }

    func refuseActions(_ refuses: Bool) throws {
        let path = "\(recordDirectory)/../acts-on-links/refuse"
        if refuses { try TextFile.write("", to: path) } else { unlink(path) }
    }

    func refuseUndoing(_ refuses: Bool) throws {
        let path = "\(recordDirectory)/../acts-on-links/keep"
        if refuses { try TextFile.write("", to: path) } else { unlink(path) }
    }

    func holdRules(_ holds: Bool) throws {
        if holds { try TextFile.write("", to: "\(recordDirectory)/hold") } else { unlink("\(recordDirectory)/hold") }
    }

    func refuseRules(_ refuses: Bool) throws {
        if refuses {
            try TextFile.write("", to: "\(recordDirectory)/refuse")
        } else {
            unlink("\(recordDirectory)/refuse")
        }
    }

    func events() throws -> [String] {
        try store.read { try $0.events(after: 0, limit: 1_000) }.map(\.kind)
    }
}
