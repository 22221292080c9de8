import KenterProtocol
import KenterState

/// Whether the source of a link is ready for its consumer: a pure function of what the link waits for and the source.
enum SourceReadiness: Equatable {
    case ready
    /// As far as the state knows: now its ports must be tried.
    case readyIfPortsAnswer([UInt16])
    /// In words that follow "waiting for".
    case waiting(String)
    /// It will not become ready by waiting.
    case hopeless(String)

    /// - Parameters:
    ///   - hasRun: Whether it has been seen running in the course of the wait: one that ends then will not come back,
    ///     unless its restart policy brings it back.
    ///   - isAttached: Whether it is on its network.
    static func of(
        _ source: ContainerRecord?, name: String, _ condition: LinkWait.Condition, hasRun: Bool, isAttached: Bool
    ) -> SourceReadiness {
        guard let source else { return .waiting("\(name) to be created") }
        let state = source.state
        guard state.isRunning, isAttached else {
            if hasRun, state.status == .exited, !state.isStarting, state.waitsFor == nil {
                return .hopeless("\(source.name) has exited with code \(state.exitCode ?? 0)")
            }
            if let other = state.waitsFor { return .waiting("\(source.name) to start, which waits for \(other)") }
            return .waiting("\(source.name) to start")
        }
        switch condition {
        case .started: return .ready
        case .healthy: return health(source)
        case .tcp:
            let ports = ports(of: source)
            if ports.isEmpty { return .hopeless("\(source.name) exposes no tcp port to try") }
            return .readyIfPortsAnswer(ports)
        }
    }

    private static func health(_ source: ContainerRecord) -> SourceReadiness {
        guard HealthPlan(source.definition.config.healthcheck) != nil else {
            return .hopeless("\(source.name) has no healthcheck")
        }
        switch source.state.health?.status {
        case .healthy: return .ready
        case .starting, nil: return .waiting("\(source.name) to be healthy")
        case .unhealthy:
            let output = source.state.health?.results.last?.output ?? ""
            let said = output.split(whereSeparator: \.isNewline).last.map { ": \($0.prefix(200))" } ?? ""
            return .hopeless("\(source.name) is unhealthy\(said)")
        }
    }

    static func ports(of source: ContainerRecord) -> [UInt16] {
        source.definition.config.exposedPorts.compactMap { text in
            text.hasSuffix("/tcp") ? UInt16(text.dropLast(4)) : nil
        }
    }
}
