import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

/// hosts, hostname and resolv.conf of a container: files of the engine, mounted into it.
struct ContainerFiles {
    let directories: EngineDirectories
    let configuration: EngineConfiguration
    let store: StateStore

    /// Writes the three files of a container that starts.
    func write(_ container: ContainerRecord, linkEntries: [LinkHostsEntry]) throws {
        if case .container = container.definition.network { return }
        let config = container.definition.config
        try HostsFileEditor.create(directories.hosts(container.id), try hosts(container, linkEntries))
        try HostsFileEditor.create(directories.hostname(container.id), Array("\(config.hostname)\n".utf8))
        try HostsFileEditor.create(directories.resolver(container.id), Array(resolver(config.dns).utf8))
    }

    /// Where the container sees them; one in another's network sees the other's.
    func mounts(_ container: ContainerRecord) throws -> [ContainerMount] {
        guard let owner = try store.read({ try $0.networkOwner(of: container) }) else {
            throw RPCError(.notFound, "the container whose network \(container.name) shares is gone")
        }
        let links = ContainerMount(
            target: "/run/kenter/links", type: "bind", source: directories.links(container.id),
            options: ["bind", "rprivate", "ro", "nosuid", "nodev", "noexec"])
        return [
            .bind(directories.hosts(owner.id), to: "/etc/hosts"),
            .bind(directories.hostname(owner.id), to: "/etc/hostname"),
            .bind(directories.resolver(owner.id), to: "/etc/resolv.conf"),
            links,
        ]
    }

    private func hosts(_ container: ContainerRecord, _ linkEntries: [LinkHostsEntry]) throws -> [UInt8] {
        if container.definition.network == .host, let text = SmallFile.readText("/etc/hosts", limitBytes: 1 << 20) {
            return Array(text.utf8)
        }
        let config = container.definition.config
        let attachments = try store.read { try $0.attachments(ofContainer: container.id) }
        let gateway = attachments.first?.gateway
        return HostsFile.build(
            hasIPv6: attachments.contains { $0.addresses.ipv6 != nil },
            extra: try config.extraHosts.compactMap { try HostsFile.extraEntry($0, gateway: gateway) },
            links: linkEntries,
            own: attachments.flatMap { HostsFile.ownEntries($0.addresses, hostname: config.hostname) })
    }

    /// The host's resolvers without those that only the host can reach.
    private func resolver(_ own: [String]) -> String {
        let chosen = own.isEmpty ? configuration.dns : own
        let host = (SmallFile.readText("/etc/resolv.conf", limitBytes: 64 << 10) ?? "").split(separator: "\n")
        let kept = host.filter { line in
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.first == "nameserver" else { return ["search", "options", "domain"].contains(fields.first) }
            guard chosen.isEmpty, fields.count > 1 else { return false }
            return !fields[1].hasPrefix("127.") && fields[1] != "::1" && !fields[1].hasPrefix("0.")
        }
        let lines = kept.map(String.init) + chosen.map { "nameserver \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }
}
