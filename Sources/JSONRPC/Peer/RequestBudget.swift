import Synchronization

/// How many requests may be in flight over several connections at once; each takes its place here and gives it back.
public final class RequestBudget: Sendable {
    /// At most so many at a time.
    public let limit: Int
    private let parent: RequestBudget?
    private let taken = Mutex(0)

    /// - Parameter parent: Another bound that must have room too, such as that of all users together.
    public init(limit: Int, parent: RequestBudget? = nil) {
        self.limit = limit
        self.parent = parent
    }

    /// Places taken now.
    public var count: Int { taken.withLock { $0 } }

    /// Takes that many places; false, with nothing taken, when there are not as many.
    ///
    /// More than the limit are had when nothing else is taken: a batch is never too large to be answered at all.
    func take(_ places: Int) -> Bool {
        let fits = taken.withLock { taken in
            guard taken == 0 || taken + places <= limit else { return false }
            taken += places
            return true
        }
        guard fits else { return false }
        if let parent, !parent.take(places) {
            taken.withLock { $0 -= places }
            return false
        }
        return true
    }

    func giveBack(_ places: Int = 1) {
        taken.withLock { $0 -= places }
        parent?.giveBack(places)
    }
}
