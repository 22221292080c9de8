import JSONRPC
import KenterProtocol
import KenterState

// Links as the API shows them: from the state alone, whether plugins run or not.
extension LinkService {
    /// Links by consumer, in the order given there; of one container those of which it is consumer or source.
    ///
    /// Fails with `notFound` for an unknown container.
    nonisolated func list(container reference: String?) throws -> [Link] {
        try store.read { transaction in
            var links = try transaction.links()
            if let reference {
                let container = try ContainerLookup(transaction).container(reference)
                let toIt = Set(try transaction.links(to: container).map(\.id))
                links = links.filter { $0.consumerId == container.id || toIt.contains($0.id) }
            }
            var reader = LinkReader(transaction)
            return try reader.states(of: links).map(\.object)
        }
    }

    /// One link. Fails with `notFound`.
    nonisolated func inspect(consumer: String, alias: String) throws -> Link {
        let (container, link) = try find(consumer, alias)
        let state = try store.read { transaction in
            var reader = LinkReader(transaction)
            return try reader.state(of: link)
        }
        guard let state else { throw LinkRefusal.noSuchLink(consumer: container.name, alias: alias) }
        return state.object
    }

    nonisolated func find(_ consumer: String, _ alias: String) throws -> (ContainerRecord, LinkRecord) {
        try store.read { transaction in
            let container = try ContainerLookup(transaction).container(consumer)
            guard let link = try transaction.link(consumer: container.id, alias: alias) else {
                throw LinkRefusal.noSuchLink(consumer: container.name, alias: alias)
            }
            return (container, link)
        }
    }
}

extension LinkState {
    /// With values and files left out that look secret.
    var object: Link {
        let plan = link.applied ?? LinkPlan()
        var options = link.options
        if link.rebindsByName { options["rebind"] = "name" }
        return Link(
            id: link.id, consumer: consumer.name, alias: link.alias,
            source: source?.name ?? link.sourceId ?? link.sourceName, provider: link.provider, options: options,
            state: state, env: LinkVariables.masked(plan.env), hosts: plan.hosts, files: plan.files.map(Self.masked),
            firewall: plan.firewall, withheld: plan.withheld, pending: link.pending)
    }

    private static func masked(_ file: LinkFile) -> LinkFile {
        file.mode == "0444" ? file : LinkFile(path: file.path, mode: file.mode, content: "******")
    }
}
