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
            return try reader.states(of: links).map { LinkPresentation($0).object }
        }
    }

    /// One link. Fails with `notFound`.
    nonisolated func inspect(consumer: String, alias: String, showsSecrets: Bool = false) throws -> Link {
        let (container, link) = try find(consumer, alias)
        let state = try store.read { transaction in
            var reader = LinkReader(transaction)
            return try reader.state(of: link)
        }
        guard let state else { throw LinkRefusal.noSuchLink(consumer: container.name, alias: alias) }
        var presentation = LinkPresentation(state)
        presentation.showsSecrets = showsSecrets
        return presentation.object
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

/// A link with the reasons for all that it brings.
struct LinkPresentation {
    private let link: LinkRecord
    private let consumer: String
    private let source: ContainerRecord?
    private let plan: LinkPlan
    private let state: Link.State
    /// Entries `NAME` or `NAME=VALUE` of the consumer's own configuration, which win.
    private let ownEnv: [String]
    /// Whether values and files that look secret are shown.
    var showsSecrets = false

    init(_ state: LinkState) {
        link = state.link
        consumer = state.consumer.name
        source = state.source
        plan = state.link.applied ?? LinkPlan()
        self.state = state.state
        ownEnv = state.consumer.definition.imageEnv + state.consumer.definition.ownEnv
    }

    init(_ planned: PlannedLink, consumer: String, ownEnv: [String]) {
        link = planned.link
        self.consumer = consumer
        source = planned.source
        plan = planned.plan
        state = .planned
        self.ownEnv = ownEnv
    }

    var object: Link {
        var options = link.options
        if link.rebindsByName { options["rebind"] = "name" }
        if let wait = link.wait {
            options["wait"] = wait.condition.rawValue
            if wait.seconds != LinkSpecification.waitSeconds { options["wait-timeout"] = "\(wait.seconds)s" }
        }
        let isPlanned = state == .planned
        return Link(
            id: isPlanned ? "" : link.id, consumer: consumer, alias: link.alias,
            source: source?.name ?? link.sourceId ?? link.sourceName, provider: link.provider, options: options,
            state: state, env: variables, hosts: plan.hosts.map(explained), files: plan.files.map(shown),
            firewall: plan.firewall.map(explained), withheld: plan.withheld,
            pending: link.pending, warnings: plan.warnings + (isPlanned ? planWarnings : []))
    }

    private var sourceName: String { source?.name ?? link.sourceName }

    private var variables: [LinkVariable] {
        let own = Set(ownEnv.map { $0.prefix { $0 != "=" } })
        let variables = showsSecrets ? plan.env : LinkVariables.masked(plan.env)
        return variables.map { variable in
            guard own.contains(variable.name[...]) else { return variable }
            var variable = variable
            variable.overridden = true
            return variable
        }
    }

    /// The check of plans lets no other names through.
    private func explained(_ entry: LinkHostsEntry) -> LinkHostsEntry {
        var entry = entry
        var roles: [String] = []
        for name in entry.names {
            if name == link.alias, !roles.contains("alias") {
                roles.append("alias")
            } else if name == source?.definition.config.hostname, !roles.contains("hostname") {
                roles.append("hostname")
            } else {
                roles.append("name")
            }
        }
        entry.from = "address of \(sourceName); \(source == nil ? "names it had" : roles.joined(separator: ", "))"
        return entry
    }

    private func explained(_ rule: LinkPortRule) -> LinkPortRule {
        var rule = rule
        rule.from = "exposed by \(sourceName)"
        return rule
    }

    private func shown(_ file: LinkFile) -> LinkFile {
        guard file.mode != "0444", !showsSecrets else { return file }
        var file = file
        file.content = "******"
        return file
    }

    private var planWarnings: [String] {
        guard let source else { return ["there is no \(link.sourceName) yet: the link waits for it"] }
        return source.state.isRunning ? [] : ["\(source.name) does not run: its address is known once it does"]
    }
}
