import JSONRPC
import KenterProtocol
import KenterState
import Logging

// Members of a network find each other by name: each has a line in the hosts file of every other one that runs, and in
// its own. A member's lines are the same in all files, and remembered with its attachment.
extension LinkService {
    /// What a starting container is to see of the members of its networks; until ``tellNames(of:)`` nobody changes its
    /// file.
    func beginNames(of id: String) throws -> [LinkHostsEntry] {
        let (own, others) = try store.read { transaction in
            let places = try transaction.namedPlaces(ofContainer: id)
            return (
                try places.map { try transaction.memberEntries($0) },
                try places.map { try transaction.attachments(onNetwork: $0.networkId).filter { $0.containerId != id } }
            )
        }
        let known = others.joined().map { ($0.id, $0.hosts) }
        startingNames[id] = Dictionary(known) { first, _ in first }
        return zip(own, others).flatMap { own, others in own + others.flatMap(\.hosts) }
    }

    /// A running container has started, joined a network or got another name: brings its own lines everywhere, and those
    /// of others to it where they have changed while it started. Carries on past failures, and logs them.
    func tellNames(of id: String) {
        do {
            if let known = startingNames.removeValue(forKey: id) { try catchUp(id, with: known) }
            let changed = try store.read { transaction in
                try transaction.namedPlaces(ofContainer: id).map { ($0, try transaction.memberEntries($0)) }
            }
            for (attachment, entries) in changed { try tell(attachment, entries) }
        } catch {
            log.error("cannot tell the names of a container", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// A container is about to leave its networks, or one of them: its lines go from every file.
    func withdrawNames(of id: String, onNetwork network: String? = nil) {
        do {
            let places = try store.read { try $0.attachments(ofContainer: id) }
            for place in places where network == nil || place.networkId == network { try tell(place, []) }
        } catch {
            log.error(
                "cannot withdraw the names of a container", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// A running container has joined a network (or is about to leave it): its own address and the lines of the other
    /// members come into its hosts file (or go from it).
    func changeOwnLines(_ container: ContainerRecord, _ attachment: AttachmentRecord, joins: Bool) {
        do {
            let others = try store.read { transaction in
                try transaction.attachments(onNetwork: attachment.networkId).filter { $0.id != attachment.id }
            }
            let own = HostsFile.ownEntries(attachment.addresses, hostname: container.definition.config.hostname)
            let changes = ([own] + others.map(\.hosts)).map { entries in
                HostsFile.Change(old: joins ? [] : entries, new: joins ? entries : [])
            }
            edit(container, changes)
        } catch {
            log.error(
                "cannot change a hosts file", metadata: ["container": "\(container.name)", "error": "\(error)"])
        }
    }

    // MARK: steps

    private func catchUp(_ id: String, with known: [String: [LinkHostsEntry]]) throws {
        let (container, present) = try store.read { transaction in
            let places = try transaction.namedPlaces(ofContainer: id)
            let others = try places.flatMap { try transaction.attachments(onNetwork: $0.networkId) }
            return (try transaction.container(id: id), others.filter { $0.containerId != id })
        }
        guard let container, container.state.isRunning else { return }
        let now = Dictionary(present.map { ($0.id, $0.hosts) }) { first, _ in first }
        let changes = Set(known.keys).union(now.keys).sorted().map { member in
            HostsFile.Change(old: known[member] ?? [], new: now[member] ?? [])
        }
        edit(container, changes)
    }

    private func tell(_ attachment: AttachmentRecord, _ entries: [LinkHostsEntry]) throws {
        guard entries != attachment.hosts else { return }
        let readers = try store.read { transaction in
            try transaction.attachments(onNetwork: attachment.networkId).compactMap { other in
                try transaction.container(id: other.containerId)
            }
        }
        // The file of a container that starts is not there yet: it catches up.
        for reader in readers where reader.state.isRunning && startingNames[reader.id] == nil {
            edit(reader, [HostsFile.Change(old: attachment.hosts, new: entries)])
        }
        try store.write { transaction in
            guard
                var present = try transaction.attachment(
                    ofContainer: attachment.containerId, onNetwork: attachment.networkId),
                present.id == attachment.id
            else { return }
            present.hosts = entries
            try transaction.save(present)
        }
    }

    private func edit(_ container: ContainerRecord, _ changes: [HostsFile.Change]) {
        let changes = changes.filter { $0.old != $0.new }
        if changes.isEmpty { return }
        do throws(RPCError) {
            let outcome = try HostsFileEditor.edit(directories.hosts(container.id)) { HostsFile.update($0, changes) }
            if case .leftAlone(let reason) = outcome { logLeftAlone(container.name, reason) }
        } catch {
            log.error(
                "cannot change a hosts file", metadata: ["container": "\(container.name)", "error": "\(error)"])
        }
    }
}

extension Transaction {
    /// Where a container is attached to networks that give names.
    fileprivate func namedPlaces(ofContainer id: String) throws -> [AttachmentRecord] {
        try attachments(ofContainer: id).filter { attachment in
            try attachment.isAttached && network(id: attachment.networkId)?.givesNames == true
        }
    }

    /// A member's lines: its addresses with its name, also as `NAME.NETWORK` (so that no link's line is ever the same), its
    /// aliases and its short id.
    fileprivate func memberEntries(_ attachment: AttachmentRecord) throws -> [LinkHostsEntry] {
        guard let container = try container(id: attachment.containerId),
            let network = try network(id: attachment.networkId)
        else { return [] }
        let membership = try memberships(ofContainer: container.id).first { $0.networkId == network.id }
        var names: [String] = []
        for name in [container.name, "\(container.name).\(network.name)"] + (membership?.aliases ?? [])
            + [container.shortID] where !names.contains(name)
        {
            names.append(name)
        }
        return [attachment.addresses.ipv4, attachment.addresses.ipv6].compactMap { address in
            address.map { LinkHostsEntry(address: $0, names: names) }
        }
    }
}
