/// Puts services into the order in which they start.
enum ComposeOrder {
    /// Dependencies first; otherwise in the order of the file. Fails on a circle, naming its services.
    static func sorted(_ services: [ComposeService]) throws(ComposeError) -> [ComposeService] {
        let known = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
        var done: Set<String> = []
        var order: [ComposeService] = []
        for service in services { try visit(service, [], known, &done, &order) }
        return order
    }

    private static func visit(
        _ service: ComposeService, _ path: [String], _ known: [String: ComposeService], _ done: inout Set<String>,
        _ order: inout [ComposeService]
    ) throws(ComposeError) {
        if done.contains(service.name) { return }
        if let start = path.firstIndex(of: service.name) {
            let circle = (path[start...] + [service.name]).joined(separator: " -> ")
            throw ComposeError("services.\(service.name)", "services depend on each other in a circle: \(circle)")
        }
        guard path.count < 256 else {
            throw ComposeError("services.\(service.name)", "more than 256 services depend on each other in a row")
        }
        for dependency in service.dependencies {
            guard let other = known[dependency.service] else { continue }
            try visit(other, path + [service.name], known, &done, &order)
        }
        done.insert(service.name)
        order.append(service)
    }
}
