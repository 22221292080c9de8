import KenterProtocol
import Logging
import Synchronization

/// Which events of a plugin become the engine's: those it has announced, of bounded size, and not too many of them, since
/// the journal keeps the newest only and every one is written to the disk. Used on its connection's thread.
final class PluginEvents: Sendable {
    static let wordBytes = 128
    static let attributeCount = 16
    static let valueBytes = 1024

    private let log: Logger
    private let budget: PluginBudget
    private let announced = Mutex<Set<String>>([])

    /// - Parameter log: Names the plugin in its metadata.
    init(log: Logger, clock: PluginClock) {
        self.log = log
        budget = .events(log: log, clock: clock)
    }

    /// What it says in its hello; kinds that are too long are none.
    func announce(_ kinds: Set<String>) {
        announced.withLock { $0 = kinds.filter { $0.utf8.count <= Self.wordBytes } }
    }

    /// The event as it is to be recorded, made safe for a terminal; `nil` for one that is not.
    func admit(_ event: PluginEvent) -> PluginEvent? {
        guard announced.withLock({ $0.contains(event.kind) }), budget.admit() else { return nil }
        guard let safe = Self.safe(event) else {
            log.warning(
                "plugin sent an event that is too large", metadata: ["kind": "\(LogText.escape(event.kind))"])
            return nil
        }
        return safe
    }

    /// Sizes count after escaping, which makes text longer; `nil` when one is over its bound.
    private static func safe(_ event: PluginEvent) -> PluginEvent? {
        guard event.attributes.count <= attributeCount else { return nil }
        let attributes = event.attributes.map { (LogText.escape($0), LogText.escape($1)) }
        let (kind, id) = (LogText.escape(event.kind), LogText.escape(event.id))
        let hasBounds =
            [kind, id].allSatisfy { $0.utf8.count <= wordBytes }
            && attributes.allSatisfy { $0.utf8.count <= wordBytes && $1.utf8.count <= valueBytes }
        guard hasBounds else { return nil }
        return PluginEvent(kind: kind, id: id, attributes: Dictionary(attributes) { first, _ in first })
    }
}
