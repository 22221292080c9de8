import JSONRPC
import KenterProtocol

// rules
extension RoutedNetworks {
    func rules(_ request: ProviderNetworkRules) throws -> ProviderNetworkRules.Result {
        try translating {
            var next: [String: LinkRecord?] = [:]
            for id in request.remove { next[id] = .some(nil) }
            for rules in request.set {
                let link = LinkRecord(networkId: request.networkId, rules: rules)
                try StateStore.checked(id: link.id)
                try link.checked()
                next[link.id] = link
            }
            var changes: ElementLedger.Changes = [:]
            for (id, link) in next { changes[.link(id)] = link.map(elements) ?? [] }
            let transaction: FilterTransaction
            do {
                // Written first: a plugin that dies here finishes the change when it is started again.
                for (id, link) in next where links[id] != link { try write(id, link) }
                transaction = try filter.apply(changes)
            } catch {
                // Nothing has changed: the next start must not think otherwise.
                var undoing = CleanUp(after: error)
                for (id, link) in next where links[id] != link { undoing.attempt { try write(id, links[id]) } }
                throw undoing.failure ?? error
            }
            for (id, link) in next { record(id, link) }
            forget(after: transaction)
            return Empty()
        }
    }

    private func write(_ id: String, _ link: LinkRecord?) throws {
        if let link { try store.save(link, .links, id) } else { try store.remove(.links, id) }
    }

    private func record(_ id: String, _ link: LinkRecord?) {
        for end in links[id]?.ends ?? [] {
            linksOfAttachment[end]?.remove(id)
            if linksOfAttachment[end]?.isEmpty == true { linksOfAttachment[end] = nil }
        }
        links[id] = link
        for end in link?.ends ?? [] { linksOfAttachment[end, default: []].insert(id) }
    }
}
