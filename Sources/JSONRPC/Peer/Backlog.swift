/// Lines that were read while there was no room to answer them, in the order they came.
///
/// Cancellation reaches a request that waits here, too: it leaves the line at once, without ever being started.
struct Backlog {
    struct Item {
        /// The line as it came: kept in this form because it is the smallest.
        var line: [UInt8]
        /// Where the line is a single request.
        var request: RequestID?
        /// What it needs to be taken, so that it is read anew only once there is room.
        var need: LineNeed

        /// What keeping it costs, besides its own bytes: many short lines are no way around the limit.
        fileprivate var bytes: Int { line.count + 128 }
    }

    /// `nil` where a request was cancelled; those before ``first`` are gone.
    private var items: [Item?] = []
    private var first = 0
    /// Where each waiting request stands; the first one where an id stands twice.
    private var places: [RequestID: Int] = [:]
    /// Bytes that all lines that wait take up.
    private(set) var bytes = 0

    var isEmpty: Bool { first == items.count }

    mutating func append(_ item: Item) {
        if let request = item.request, places[request] == nil { places[request] = items.count }
        bytes += item.bytes
        items.append(item)
    }

    /// The line that has waited longest.
    mutating func next() -> Item? {
        skipCancelled()
        return isEmpty ? nil : items[first]
    }

    /// Takes away what ``next()`` has returned.
    mutating func removeNext() {
        guard !isEmpty, let item = items[first] else { return }
        forget(item, at: first)
        items[first] = nil
        first += 1
        skipCancelled()
    }

    /// Takes a waiting request away; false when none of that id waits.
    mutating func cancel(_ request: RequestID) -> Bool {
        guard let place = places[request], let item = items[place] else { return false }
        forget(item, at: place)
        items[place] = nil
        skipCancelled()
        return true
    }

    private mutating func forget(_ item: Item, at place: Int) {
        bytes -= item.bytes
        if let request = item.request, places[request] == place { places[request] = nil }
    }

    private mutating func skipCancelled() {
        while first < items.count, items[first] == nil { first += 1 }
        if first == items.count {
            items = []
            places = [:]
            first = 0
        }
    }
}

/// What a line needs to be taken.
struct LineNeed: Sendable {
    /// Requests that it holds.
    var requests: Int
    /// Whether something has to be said to it.
    var isAnswered: Bool
}
