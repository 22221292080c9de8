import KenterProtocol

extension EventsSubscribe.Filter {
    func matches(_ event: Event) -> Bool { matchesKind(event) && matchesObject(event) }

    private func matchesKind(_ event: Event) -> Bool {
        guard let kinds else { return true }
        return kinds.contains { event.kind == $0 || event.kind.hasPrefix($0 + ".") }
    }

    /// Whether it happened to one of the objects, however that is named.
    private func matchesObject(_ event: Event) -> Bool {
        if ids == nil && containers == nil && links == nil { return true }
        return ids?.contains(event.id) == true || containers?.contains { concerns($0, event) } == true
            || (event.kind.hasPrefix("link.") && links?.contains { $0 == event.name } == true)
    }

    private func concerns(_ container: String, _ event: Event) -> Bool {
        if event.kind.hasPrefix("link.") {
            return event.attributes["consumer"] == container || event.attributes["source"] == container
        }
        return event.kind.hasPrefix("container.") && (event.id == container || event.name == container)
    }
}
